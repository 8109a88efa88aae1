import { execFile } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@hostler/test-kit';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

export const baseImage = `${process.env['REGISTRY'] ?? ''}hostler-api:${process.env['TAG'] ?? 'dev'}`;

export interface Ended {
  readonly code: number;
  /** Both streams. */
  readonly output: string;
}

/** A deployment by Docker Compose in a folder of its own: one host with one server, a record, a lockfile, an encrypted file. */
export interface ComposeDeployment extends AsyncDisposable {
  readonly folder: string;
  readonly clientKey: string;
  readonly vaultKey: string;
  /** One of scripts/, in the folder. */
  script(name: string, ...command: readonly string[]): Promise<Ended>;
  compose(...command: readonly string[]): Promise<Ended>;
  /** In the container of the host. @throws when it does not end with 0 */
  inside(...command: readonly string[]): Promise<string>;
  /** With this on standard input. */
  insideWith(input: string, ...command: readonly string[]): Promise<Ended>;
  /** An official client, from outside: what the tool says back. */
  call(text: string): Promise<string>;
  connect(): Promise<Client>;
}

const scripts = fileURLToPath(new URL('../../../scripts/', import.meta.url));

const configuration = `servers:
  notes: { command: node, args: [/srv/notes-server.mjs] }
consumers:
  client: { keys: [{ secret: 'file:///run/secrets/client-key' }] }
listen: { allowedHosts: [hostler] }
lock: { file: /var/lib/hostler/hostler.lock, drift: { new: warn } }
secrets:
  local: { file: /var/lib/hostler/hostler.vault, key: { secret: 'file:///run/secrets/vault-key' } }
audit:
  sinks: [{ type: file, directory: /var/lib/hostler/audit }]
shutdown: { grace: 2s }
`;

function composeFile(port: number): string {
  const service = {
    image: baseImage,
    pull_policy: 'never',
    hostname: 'hostler',
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    tmpfs: ['/tmp'],
    ports: [`127.0.0.1:${port}:8000`],
    secrets: ['client-key', 'vault-key'],
    volumes: [
      'state:/var/lib/hostler',
      './hostler.yaml:/etc/hostler/hostler.yaml:ro',
      './notes-server.mjs:/srv/notes-server.mjs:ro',
    ],
  };
  const secrets = { 'client-key': { file: './client-key' }, 'vault-key': { file: './vault-key' } };
  return JSON.stringify({ services: { api: service }, volumes: { state: {} }, secrets });
}

export async function createComposeDeployment(): Promise<ComposeDeployment> {
  const directory = await temporaryDirectory();
  const folder = directory.path;
  const port = await freePort();
  const vaultKey = `base64:${randomBytes(32).toString('base64')}`;
  const project = `hostler-test-${randomBytes(4).toString('hex')}`;
  const environment = {
    ...process.env,
    COMPOSE_PROJECT_NAME: project,
    HOSTLER_START_TIMEOUT: '30',
  };
  const run = (command: string, options: readonly string[], input = ''): Promise<Ended> =>
    new Promise((resolve) => {
      const child = execFile(
        command,
        options,
        { cwd: folder, env: environment, timeout: 170_000, maxBuffer: 1 << 26 },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 99), output: stdout + stderr }),
      );
      child.stdin?.end(input);
    });
  writeFileSync(join(folder, 'hostler.yaml'), configuration);
  writeFileSync(join(folder, 'docker-compose.yml'), composeFile(port));
  writeFileSync(join(folder, 'vault-key'), vaultKey);
  copyFileSync(fileURLToPath(new URL('notes-server.mjs', import.meta.url)), join(folder, 'notes-server.mjs'));
  const made = await run('docker', [
    'run',
    '--rm',
    '--network',
    'none',
    baseImage,
    'cli',
    'keys',
    'create',
    'client',
    '--json',
  ]);
  const clientKey = /hk_\w+/.exec(made.output)?.[0] ?? '';
  if (clientKey === '') throw new Error(`no key was made: ${made.output}`);
  writeFileSync(join(folder, 'client-key'), clientKey);

  async function inside(...command: readonly string[]): Promise<string> {
    const { code, output } = await run('docker', ['compose', 'exec', '-T', 'api', ...command]);
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${output}`);
    return output;
  }

  async function connect(): Promise<Client> {
    const client = new Client({ name: 'test', version: '1.0.0' });
    const requestInit = { headers: { authorization: `Bearer ${clientKey}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), { requestInit }));
    return client;
  }

  return {
    folder,
    clientKey,
    vaultKey,
    script: (name, ...command) => run('bash', [join(scripts, name), ...command]),
    compose: (...command) => run('docker', ['compose', ...command]),
    inside,
    insideWith: (input, ...command) => run('docker', ['compose', 'exec', '-T', 'api', ...command], input),
    connect,
    async call(text) {
      const client = await connect();
      try {
        const { content } = await client.callTool({ name: 'notes__note', arguments: { text } });
        return (content as readonly { readonly text?: string }[])[0]?.text ?? '';
      } finally {
        await client.close();
      }
    },
    async [Symbol.asyncDispose]() {
      await run('docker', ['compose', 'down', '--volumes', '--timeout', '5']);
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** A derived image, by its digest, or by its id where the engine gives images of its own no digest. */
export async function deriveImage(folder: string, name: string, lines: readonly string[]): Promise<string> {
  const file = join(folder, `Dockerfile.${name}`);
  writeFileSync(file, [`FROM ${baseImage}`, ...lines, ''].join('\n'));
  const tag = `hostler-test-${name}:1`;
  const built = await command('docker', [
    'build',
    '--quiet',
    '--load',
    '--network',
    'none',
    '--tag',
    tag,
    '--file',
    file,
    folder,
  ]);
  if (built.code !== 0) throw new Error(built.output);
  return digestOf(tag);
}

async function digestOf(image: string): Promise<string> {
  const format = '{{range .RepoDigests}}{{.}} {{end}}{{.Id}}';
  const { code, output } = await command('docker', ['image', 'inspect', '--format', format, image]);
  if (code !== 0) throw new Error(output);
  return output.trim().split(' ')[0] ?? '';
}

export function command(program: string, options: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, options, { timeout: 170_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 99), output: stdout + stderr }),
    );
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
