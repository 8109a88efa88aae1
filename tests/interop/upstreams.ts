import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { UpstreamSpec } from '@hostler/kernel';
import { startProcess } from '@hostler/test-kit';
import { InMemoryTransport as InMemoryTransportV2 } from '@modelcontextprotocol/client';
import { InMemoryTransport as InMemoryTransportV1 } from '@modelcontextprotocol/sdk/inMemory.js';
import { createServerV1, createServerV2 } from './in-process-servers.ts';

/** A real server, how the host reaches it and how a client reaches it directly. */
export interface InteropUpstream {
  readonly name: string;
  readonly spec: UpstreamSpec;
  readonly direct:
    | {
        readonly kind: 'stdio';
        readonly command: string;
        readonly args: string[];
        readonly env: Record<string, string>;
      }
    | { readonly kind: 'http'; readonly url: string }
    | { readonly kind: 'linked'; connect(): Promise<unknown> };
  /** Requests whose answers do not depend on time or chance. */
  readonly requests: readonly (readonly [method: string, params: Record<string, unknown>])[];
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);

/** The file that a package of an official server runs. */
export function mainOf(name: string): string {
  return join(dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`)), 'dist/index.js');
}

export function spec(name: string, transport: UpstreamSpec['transport']): UpstreamSpec {
  return {
    name,
    transport,
    era: 'auto',
    interactive: true,
    required: false,
    startTimeout: 30_000,
    callTimeout: 60_000,
  };
}

function stdio(
  name: string,
  args: string[],
  env: Record<string, string>,
  requests: InteropUpstream['requests'],
): InteropUpstream {
  const command = process.execPath;
  return {
    name,
    spec: spec(name, { kind: 'stdio', command, args, env, cwd: process.cwd() }),
    direct: { kind: 'stdio', command, args, env },
    requests,
    close: () => Promise.resolve(),
  };
}

const everythingRequests: InteropUpstream['requests'] = [
  ['tools/call', { name: 'echo', arguments: { message: 'grüß dich' } }],
  ['tools/call', { name: 'get-sum', arguments: { a: 40, b: 2 } }],
  ['tools/call', { name: 'get-tiny-image', arguments: {} }],
  ['tools/call', { name: 'get-annotated-message', arguments: { messageType: 'error', includeImage: true } }],
  ['tools/call', { name: 'get-structured-content', arguments: { location: 'New York' } }],
  ['tools/call', { name: 'get-resource-links', arguments: { count: 3 } }],
  ['tools/call', { name: 'echo', arguments: {} }],
  ['prompts/get', { name: 'simple-prompt' }],
  ['prompts/get', { name: 'args-prompt', arguments: { city: 'Köln', state: 'NRW' } }],
  ['resources/read', { uri: 'demo://resource/static/document/features.md' }],
  [
    'completion/complete',
    { ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument: { name: 'department', value: 'E' } },
  ],
];

export async function startUpstreams(): Promise<InteropUpstream[]> {
  const files = await mkdtemp(join(tmpdir(), 'hostler-interop-'));
  await writeFile(join(files, 'note.txt'), 'a note\nof two lines\n');
  return [
    stdio('everything', [mainOf('server-everything'), 'stdio'], {}, everythingRequests),
    await everythingOverHttp(),
    stdio('filesystem', [mainOf('server-filesystem'), files], {}, [
      ['tools/call', { name: 'read_text_file', arguments: { path: join(files, 'note.txt') } }],
      ['tools/call', { name: 'list_directory', arguments: { path: files } }],
      ['tools/call', { name: 'read_text_file', arguments: { path: '/nowhere/at/all' } }],
    ]),
    stdio('memory', [mainOf('server-memory')], { MEMORY_FILE_PATH: join(files, 'memory.json') }, [
      ['tools/call', { name: 'read_graph', arguments: {} }],
      ['tools/call', { name: 'search_nodes', arguments: { query: 'nothing' } }],
    ]),
    inProcess('in-process-v1', createServerV1, () => InMemoryTransportV1.createLinkedPair()),
    inProcess('in-process-v2', createServerV2, () => InMemoryTransportV2.createLinkedPair()),
  ];
}

export async function everythingOverHttp(): Promise<InteropUpstream> {
  const port = await freePort();
  const child = await startProcess(process.execPath, [mainOf('server-everything'), 'streamableHttp'], {
    env: { ...process.env, PORT: String(port) },
    waitFor: /listening on port/i,
  });
  const url = `http://127.0.0.1:${port}/mcp`;
  return {
    name: 'everything-http',
    spec: spec('everything-http', { kind: 'http', url, headers: {} }),
    direct: { kind: 'http', url },
    requests: everythingRequests,
    close: async () => void (await child.stop()),
  };
}

interface Mountable {
  connect(transport: never): Promise<void>;
  close(): Promise<void>;
}

function inProcess(name: string, create: () => Mountable, link: () => readonly [unknown, unknown]): InteropUpstream {
  return {
    name,
    spec: spec(name, { kind: 'in-process', create }),
    direct: {
      kind: 'linked',
      async connect() {
        const [client, server] = link();
        await create().connect(server as never);
        return client;
      },
    },
    requests: [
      ['tools/call', { name: 'add', arguments: { a: 1, b: 2 } }],
      ['tools/call', { name: 'add', arguments: { a: 'one' } }],
      ['prompts/get', { name: 'greet', arguments: { name: 'Ada' } }],
      ['resources/read', { uri: 'demo://motto' }],
    ],
    close: () => Promise.resolve(),
  };
}

/** server-everything cannot listen on port 0. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
