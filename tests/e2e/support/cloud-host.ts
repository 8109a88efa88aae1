import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@hostler/kernel';
import { startAwsSecretsManager, startGcpSecretManager, startProcess, temporaryDirectory } from '@hostler/test-kit';
import type { AwsSecretsManager, GcpSecretManager, RunningProcess, TemporaryDirectory } from '@hostler/test-kit';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const cli = ['--conditions=@hostler/source', join(root, 'apps/cli/src/main.ts')];
const reporting = fileURLToPath(new URL('reporting-server.ts', import.meta.url));

/** Stand-ins of both clouds, and a folder in which both providers are installed as a user would install them. */
export interface Clouds extends AsyncDisposable {
  readonly google: GcpSecretManager;
  readonly amazon: AwsSecretsManager;
  /** Runs a host with this configuration until it is disposed; its servers are up, or blocked. */
  host(config: HostConfig): Promise<CloudHost>;
  /** Runs another command with the configuration of the last host. */
  command(...words: readonly string[]): Promise<RunningProcess>;
  /** Writes a file beside the configuration. */
  write(name: string, content: string): Promise<void>;
}

export interface HostConfig {
  readonly servers: JsonObject;
  readonly secrets?: JsonObject;
  readonly api?: JsonObject;
  /** What the host has besides PATH, HOME, LANG and what AWS's client needs. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CloudHost extends AsyncDisposable {
  /** Without a path. */
  readonly url: string;
  readonly process: RunningProcess;
  /** All that it has written, at the level debug. */
  output(): string;
}

/** The settings of a stdio server that reports its variables. */
export function reportingServer(env: JsonObject): JsonObject {
  return { command: process.execPath, args: [reporting], env };
}

export async function startClouds(): Promise<Clouds> {
  const [folder, google, amazon] = await Promise.all([
    temporaryDirectory(),
    startGcpSecretManager({ project: 'my-project' }),
    startAwsSecretsManager({ region: 'eu-west-1' }),
  ]);
  await installProviders(folder);
  const file = join(folder.path, 'hostler.json');
  let env: Record<string, string> = {};
  return {
    google,
    amazon,
    async host(config) {
      const { servers, secrets = {}, api = {}, environment = {} } = config;
      const providers = [
        { use: '@hostler/secrets-gcp', with: { project: 'my-project', endpoint: google.grpc, insecure: true } },
        { use: '@hostler/secrets-aws', with: { region: 'eu-west-1' } },
      ];
      await writeFile(
        file,
        JSON.stringify({ servers, secrets: { providers, ...secrets }, api, log: { level: 'debug' } }),
      );
      env = { ...essentials(), ...amazon.environment, ...environment, XDG_STATE_HOME: join(folder.path, 'state') };
      return runHost(file, env);
    },
    command: (...words) => startProcess(process.execPath, [...cli, ...words, '--config', file], { env }),
    write: (name, content) => writeFile(join(folder.path, name), content),
    async [Symbol.asyncDispose]() {
      await Promise.all([google.stop(), amazon.stop(), folder[Symbol.asyncDispose]()]);
    },
  };
}

async function installProviders(folder: TemporaryDirectory): Promise<void> {
  const scope = join(folder.path, 'node_modules/@hostler');
  await mkdir(scope, { recursive: true });
  await Promise.all(
    ['secrets-gcp', 'secrets-aws'].map((name) => symlink(join(root, 'packages', name), join(scope, name))),
  );
}

/** What a host needs to run, and what its servers may have of it. */
function essentials(): Record<string, string> {
  const present = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(present);
}

async function runHost(file: string, env: Readonly<Record<string, string>>): Promise<CloudHost> {
  const host = await startProcess(process.execPath, [...cli, 'run', file, '--json', '--port', '0'], {
    env,
    waitFor: /"event":"ready"/,
    timeout: 40_000,
  });
  const { url } = JSON.parse(host.firstLine) as { url: string };
  return {
    url: new URL(url).origin,
    process: host,
    output: () => host.stdout.text() + host.stderr.text(),
    [Symbol.asyncDispose]: async () => void (await host.stop(10_000)),
  };
}
