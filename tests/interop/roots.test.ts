import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseConfig } from '@hostler/config/text';
import type { UpstreamSpec } from '@hostler/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { clientKinds } from './clients.ts';
import type { InteropClient } from './clients.ts';

const require = createRequire(import.meta.url);
const filesystem = join(
  dirname(require.resolve('@modelcontextprotocol/server-filesystem/package.json')),
  'dist/index.js',
);

let top: string;
let served: Served;

/** The official server for files. It starts with one folder, and takes its roots in its place when it is told any. */
function specOf(name: string, roots: readonly string[], pathArguments = true): UpstreamSpec {
  return {
    name,
    transport: {
      kind: 'stdio',
      command: process.execPath,
      args: [filesystem, join(top, 'given')],
      env: {},
      cwd: join(top, 'given'),
    },
    era: 'auto',
    interactive: true,
    required: false,
    startTimeout: 30_000,
    callTimeout: 60_000,
    ...(roots.length > 0 && { roots: roots.map((root) => ({ uri: pathToFileURL(join(top, root)).href })) }),
    ...(roots.length > 0 &&
      pathArguments && { pathArguments: { '*': ['path', 'paths'], move_file: ['source', 'destination'] } }),
  };
}

beforeAll(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'hostler-roots-')));
  for (const folder of ['given', 'data', 'other', 'data-evil']) {
    await mkdir(join(top, folder));
    await writeFile(join(top, folder, 'note.txt'), `in ${folder}`);
  }
  await symlink(join(top, 'other'), join(top, 'data/link'));
  served = await servePlan([
    specOf('checked', ['data']),
    // The host lets everything through, so what is refused is refused by the server.
    specOf('told', ['data'], false),
    specOf('free', []),
  ]);
}, 60_000);

afterAll(async () => {
  await served?.close();
  await rm(top, { recursive: true, force: true });
});

async function read(client: InteropClient, path: string): Promise<string> {
  const answer = await client.request('tools/call', { name: 'read_text_file', arguments: { path: join(top, path) } });
  if ('error' in answer) return `error ${String(answer.error.code)}: ${answer.error.message}`;
  const [block] = answer.result['content'] as { text: string }[];
  return answer.result['isError'] === true ? 'refused by the server' : (block?.text ?? '');
}

/** The server asks for its roots when it has started. */
const PATIENT = { timeout: 20_000, interval: 50 };

describe.each(clientKinds)('roots, with the $name', (kind) => {
  const connect = (server: string): Promise<InteropClient> => kind.toUrl(`${served.url}/servers/${server}/mcp`);

  it('are told to the server, in place of the folder it was started with', async () => {
    const told = await connect('told');
    await expect.poll(() => read(told, 'data/note.txt'), PATIENT).toBe('in data');
    for (const path of ['given/note.txt', 'other/note.txt', 'data/link/note.txt']) {
      expect(await read(told, path)).toBe('refused by the server');
    }
    await told.close();
  });

  it('are kept by the host before a call reaches the server', async () => {
    const checked = await connect('checked');
    await expect.poll(() => read(checked, 'data/note.txt'), PATIENT).toBe('in data');
    for (const path of ['given/note.txt', 'data-evil/note.txt', 'data/link/note.txt', 'data/../other/note.txt']) {
      expect(await read(checked, path)).toMatch(/^error -32602: .*"path" is not a path inside the folders/);
    }
    await checked.close();
  });

  it('limit nothing where none are configured', async () => {
    const free = await connect('free');
    expect(await read(free, 'given/note.txt')).toBe('in given');
    await free.close();
  });
});

describe('roots that change', () => {
  it('are told to the running server', async () => {
    const { command, args } = { command: process.execPath, args: [filesystem, join(top, 'given')] };
    const config = (root: string): string =>
      JSON.stringify({ servers: { changing: { command, args, cwd: top, roots: [join(top, root)] } } });
    const own = await servePlan([], { config: config('data') });
    const { runtime, url } = own;
    const [kind] = clientKinds as [(typeof clientKinds)[0]];
    const client = await kind.toUrl(`${url}/servers/changing/mcp`);
    await expect.poll(() => read(client, 'data/note.txt'), PATIENT).toBe('in data');
    const [before] = runtime.host.servers();
    await runtime.apply(parseConfig(config('other'), runtime.plan.source).plan);
    await expect.poll(() => read(client, 'other/note.txt'), PATIENT).toBe('in other');
    expect(await read(client, 'data/note.txt')).toBe('refused by the server');
    // It is the same process: what it was told is all that happened to it.
    expect(runtime.host.servers()).toEqual([before]);
    await client.close();
    await own.close();
  });
});
