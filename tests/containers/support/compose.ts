import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, tryDocker } from './docker.ts';
import type { Finished } from './docker.ts';

export interface Stack {
  readonly project: string;
  readonly base: string;
  /** The key of the consumer `client`. */
  readonly key: string;
  /** `docker compose …` of this stack. */
  readonly compose: (...words: readonly string[]) => Promise<Finished>;
  readonly remove: () => Promise<void>;
}

export interface StackOptions {
  readonly files?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A stack of its own: its project, ports and secrets. Nothing is started. */
export async function createStack({
  files = ['docker-compose.yml'],
  environment = {},
}: StackOptions = {}): Promise<Stack> {
  const project = `hostler-test-${randomUUID().slice(0, 8)}`;
  const folder = await mkdtemp(join(tmpdir(), 'hostler-compose-'));
  const secrets = join(folder, 'secrets');
  makeSecrets(secrets);
  const [port, inspector, grafana] = await Promise.all([freePort(), freePort(), freePort()]);
  const settings = {
    PUBLISHED_PORT: String(port),
    INSPECTOR_PORT: String(inspector),
    GRAFANA_PORT: String(grafana),
    SECRETS: secrets,
    COMPOSE_PROFILES: '',
    ...environment,
  };
  const options = [
    '--project-name',
    project,
    '--project-directory',
    root,
    ...files.flatMap((file) => ['--file', file]),
  ];
  const compose = (...words: readonly string[]): Promise<Finished> =>
    tryDocker(['compose', ...options, ...words], { environment: settings, timeout: 300_000 });
  return {
    project,
    base: `http://127.0.0.1:${port}`,
    key: (await readFile(join(secrets, 'client-key'), 'utf8')).trim(),
    compose,
    async remove() {
      await compose('--profile', '*', 'down', '--volumes', '--remove-orphans', '--timeout=5');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function makeSecrets(folder: string): void {
  const { status, stderr } = spawnSync('sh', [join(root, 'deploy/compose/create-secrets.sh'), folder], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`create-secrets.sh: ${stderr}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

/** Whether an image is on this engine: tests fetch none. */
export async function hasImage(name: string): Promise<boolean> {
  return (await tryDocker(['image', 'inspect', name])).exitCode === 0;
}
