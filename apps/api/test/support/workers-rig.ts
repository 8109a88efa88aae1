import { Agent, request as httpRequest } from 'node:http';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigFile } from '@hostler/config';
import { descendants, startProcess, temporaryDirectory } from '@hostler/test-kit';
import type { RunningProcess } from '@hostler/test-kit';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A host of several processes behind one port. */
export interface WorkersRig extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly process: RunningProcess;
  /** The processes that answer clients, by their place. */
  workers(): Promise<ReadonlyMap<number, number>>;
  write(config: ConfigFile): Promise<void>;
}

export interface WorkersRigOptions {
  readonly config: (folder: string) => ConfigFile;
  readonly count?: number;
  /** For the engine of every process. */
  readonly nodeOptions?: string;
}

export async function startWorkersRig({ config, count = 2, nodeOptions }: WorkersRigOptions): Promise<WorkersRig> {
  const folder = await temporaryDirectory();
  const path = join(folder.path, 'hostler.json');
  const write = (file: ConfigFile): Promise<void> => writeFile(path, JSON.stringify(file));
  await write(config(folder.path));
  const env = {
    PATH: process.env['PATH'] ?? '',
    XDG_STATE_HOME: join(folder.path, 'state'),
    TMPDIR: folder.path,
    PORT: '0',
    ...(nodeOptions && { NODE_OPTIONS: nodeOptions }),
  };
  const parameters = ['--conditions=@hostler/source', main, path, '--workers', String(count)];
  const running = await startProcess(process.execPath, parameters, { env });
  const listening = await running.stderr.take((text) => text.includes('"listening"'), 120_000);
  await running.stderr.take((text) => text.includes('"msg":"started"'), 120_000);
  return {
    url: (JSON.parse(listening) as { url: string }).url,
    folder: folder.path,
    process: running,
    workers: () => workersOf(running.pid),
    write,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** In the order in which they were started. */
async function workersOf(owner: number): Promise<ReadonlyMap<number, number>> {
  const found = await Promise.all(
    descendants(owner).map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return command.includes('worker-main') ? [pid] : [];
    }),
  );
  return new Map(
    found
      .flat()
      .toSorted((one, other) => one - other)
      .map((pid, index) => [index + 1, pid]),
  );
}

export interface OneConnection extends Disposable {
  /** A request over the one connection there is. */
  send(options: SendOptions): Promise<{ readonly status: number; readonly text: string }>;
  /** The head of an answer, and its first bytes. */
  open(options: SendOptions): Promise<{ readonly status: number; readonly first: Promise<string> }>;
}

interface SendOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** As a proxy has one: requests of all its clients go over it. */
export function openOneConnection(url: string): OneConnection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async send({ method = 'POST', path = '/mcp', headers, body }) {
      const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
      const accept = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
      const outgoing = httpRequest(url + path, { method, agent, headers: { ...accept, ...headers } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text })).on('error', reject);
      });
      outgoing.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
      return promise;
    },
    async open({ path = '/mcp', headers }) {
      const { promise, resolve, reject } = Promise.withResolvers<{ status: number; first: Promise<string> }>();
      const outgoing = httpRequest(
        url + path,
        { agent, headers: { accept: 'text/event-stream', ...headers } },
        (answer) => {
          const first = Promise.withResolvers<string>();
          answer.once('data', (chunk: Buffer) => first.resolve(chunk.toString()));
          answer.on('error', () => undefined);
          resolve({ status: answer.statusCode ?? 0, first: first.promise });
        },
      );
      outgoing.on('error', reject).end();
      return promise;
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
