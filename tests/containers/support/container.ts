import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createKey } from '@hostler/auth';
import { docker, image, tryDocker } from './docker.ts';

/** As an operator starts it: nothing that is not needed is allowed. */
export const hardened: readonly string[] = [
  '--read-only',
  '--tmpfs=/tmp:size=64m',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  '--pids-limit=256',
];

export interface ContainerOptions {
  /** Default: the plain one. */
  readonly image?: string;
  /** The configuration; default: the slow server. */
  readonly configuration?: string;
  /** More of `docker run`, before the image. */
  readonly options?: readonly string[];
  /** After the image. */
  readonly command?: readonly string[];
}

export interface Container {
  readonly name: string;
  /** When `docker run` was called, by `performance.now()`. */
  readonly started: number;
  readonly key: string;
  /** Its files on this machine. */
  readonly folder: string;
  readonly base: () => Promise<string>;
  /** Waits for this answer of a path. @throws with its log when that takes too long */
  readonly answers: (path: string, status: number, limit?: number) => Promise<void>;
  readonly exec: (...words: readonly string[]) => Promise<string>;
  readonly inspect: (format: string) => Promise<string>;
  readonly log: () => Promise<string>;
  /** Sends a signal to the container's first process. */
  readonly signal: (name: 'TERM' | 'INT' | 'HUP') => Promise<void>;
  /** Waits until it has ended. */
  readonly exitCode: () => Promise<number>;
  readonly remove: () => Promise<void>;
}

const READY_LIMIT = 30_000;
const POLL = 20;

/** A configuration that other machines may reach, with one server and one consumer. */
export function configurationWith(servers: string): string {
  return [
    `servers:\n${servers}`,
    'listen: { allowedHosts: [hostler] }',
    "consumers: { client: { keys: [{ secret: 'file:///run/secrets/client-key' }] } }",
  ].join('\n');
}

export const slowServer: string = '  slow: { command: node, args: [servers/slow-server.mjs] }';

/** Starts a container with a configuration, a key and the servers of these tests. */
export async function startContainer(given: ContainerOptions = {}): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-container-'));
  const key = createKey().key;
  await prepare(folder, key, given.configuration ?? configurationWith(slowServer));
  const name = `hostler-test-${randomUUID().slice(0, 8)}`;
  const started = performance.now();
  await docker(
    'run',
    '--detach',
    `--name=${name}`,
    '--publish=127.0.0.1::8000',
    `--volume=${folder}/etc:/etc/hostler:ro`,
    `--volume=${folder}/secrets:/run/secrets:ro`,
    ...hardened,
    ...(given.options ?? []),
    given.image ?? image('api'),
    ...(given.command ?? []),
  );
  return containerOf({ name, started, key, folder });
}

async function prepare(folder: string, key: string, configuration: string): Promise<void> {
  await mkdir(join(folder, 'etc'));
  await mkdir(join(folder, 'secrets'));
  await writeFile(join(folder, 'etc', 'hostler.yaml'), configuration);
  await writeFile(join(folder, 'secrets', 'client-key'), key);
  await cp(join(import.meta.dirname, 'servers'), join(folder, 'etc', 'servers'), { recursive: true });
  // The user of the container is nobody here.
  await chmod(folder, 0o755);
}

function containerOf(facts: Pick<Container, 'name' | 'started' | 'key' | 'folder'>): Container {
  const { name, folder } = facts;
  const base = async (): Promise<string> => `http://${await docker('port', name, '8000/tcp')}`;
  const log = async (): Promise<string> => {
    const { stdout, stderr } = await tryDocker(['logs', name]);
    return stdout + stderr;
  };
  return {
    ...facts,
    base,
    log,
    async answers(path, status, limit) {
      const address = await base();
      await until(
        `${path} answers ${status}`,
        async () => (await statusOf(`${address}${path}`)) === status,
        log,
        limit,
      );
    },
    exec: (...words) => docker('exec', name, ...words),
    inspect: (format) => docker('inspect', '--format', format, name),
    async signal(signal) {
      await docker('kill', `--signal=${signal}`, name);
    },
    exitCode: async () => Number(await docker('wait', name)),
    async remove() {
      await tryDocker(['rm', '--force', '--volumes', name]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Looks at something outside of this process again and again. @throws when it does not become so in time */
export async function until(
  what: string,
  look: () => Promise<boolean>,
  tell: () => Promise<string> = () => Promise.resolve(''),
  limit: number = READY_LIMIT,
): Promise<void> {
  const end = performance.now() + limit;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`not within ${limit} ms: ${what}\n${await tell()}`);
    await wait(POLL);
  }
}

/** 0: no answer. */
async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
