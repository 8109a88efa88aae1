import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UpstreamSpec } from '@hostler/kernel';
import { callModern, chaosServer, openLegacySession, startStdioClient, temporaryDirectory } from '@hostler/test-kit';
import type { WireMessage } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { BURST, createBurstingObject, startBurstingHttp } from './bursting-servers.ts';
import type { Era } from './bursting-servers.ts';

const eras: readonly Era[] = ['legacy', 'modern'];
const kinds = ['stdio', 'http', 'object'] as const;
const cli = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const stack = new AsyncDisposableStack();
const urls = new Map<string, string>();
let served: Served;

beforeAll(async () => {
  for (const era of eras) {
    const server = await startBurstingHttp(era);
    stack.defer(() => server.close());
    urls.set(era, server.url);
  }
  served = await servePlan(kinds.flatMap((kind) => eras.map((era) => specOf(kind, era))));
}, 60_000);

afterAll(async () => {
  await served?.close();
  await stack.disposeAsync();
});

/** The chaos server writes each message by itself, but all of them in one turn. */
const chaos = (era: Era) => ({ ...chaosServer('--era', era), env: {}, cwd: process.cwd() });

function specOf(kind: (typeof kinds)[number], era: Era): UpstreamSpec {
  const common = {
    era: 'auto',
    interactive: true,
    required: false,
    startTimeout: 30_000,
    callTimeout: 30_000,
  } as const;
  const name = `${kind}-${era}`;
  if (kind === 'stdio') return { ...common, name, transport: { kind, ...chaos(era) } };
  if (kind === 'http') return { ...common, name, transport: { kind, url: urls.get(era) ?? '', headers: {} } };
  return { ...common, name, transport: { kind: 'in-process', create: () => createBurstingObject(era) } };
}

const callOf = (kind: string, name = kind === 'stdio' ? 'progress' : 'burst') => ({
  name,
  arguments: { n: BURST },
  _meta: { progressToken: 'mine' },
});

/** The tokens and numbers of the progress, and the kind of what came last. */
function shapeOf(messages: readonly WireMessage[]): readonly unknown[] {
  return messages.map(
    ({ params, result }) => result?.['content'] !== undefined || [params?.['progressToken'], params?.['progress']],
  );
}

const inOrder = [...Array.from({ length: BURST }, (_, index) => ['mine', index + 1]), true];

describe.each(kinds.flatMap((kind) => eras.map((era) => [kind, era] as const)))(
  'what a %s server of the %s era says before its result',
  (kind, era) => {
    const server = `${kind}-${era}`;

    it.each(['/mcp', `/servers/${server}/mcp`])('comes before it to clients at %s', async (path) => {
      const prefix = path === '/mcp' ? `${server}__` : '';
      const call = callOf(kind);
      const params = { ...call, name: prefix + call.name };
      const session = await openLegacySession(served.url + path);
      expect(shapeOf((await session.call('tools/call', params)).messages)).toEqual(inOrder);
      expect(shapeOf((await callModern(served.url + path, 'tools/call', params)).messages)).toEqual(inOrder);
    });

    it('is left out where a client takes nothing but one JSON answer', async () => {
      const { messages } = await callModern(`${served.url}/servers/${server}/mcp`, 'tools/call', callOf(kind), {
        headers: { accept: 'application/json' },
      });
      expect(messages).toHaveLength(1);
      expect(messages[0]?.result).toMatchObject({ content: [{ type: 'text' }] });
    });
  },
);

describe('what servers say before their results', () => {
  it('comes before them to a client on stdio', async () => {
    await using directory = await temporaryDirectory();
    const config = join(directory.path, 'hostler.yaml');
    const servers = Object.fromEntries(
      eras.flatMap((era) => [
        [`stdio-${era}`, chaosServer('--era', era)],
        [`http-${era}`, { url: urls.get(era) }],
      ]),
    );
    await writeFile(config, JSON.stringify({ servers }));
    const parameters = ['--conditions=@hostler/source', cli, 'stdio', '--config', config];
    await using client = await startStdioClient(process.execPath, parameters);
    await client.initialize();
    for (const kind of ['stdio', 'http'] as const) {
      for (const era of eras) {
        const { name, ...call } = callOf(kind);
        const params = { ...call, name: `${kind}-${era}__${name}` };
        for (const ask of ['call', 'callModern'] as const) {
          // oxlint-disable-next-line no-await-in-loop -- the order is what is looked at
          const { id } = await client[ask]('tools/call', params);
          const lines = client.process.stdout.text().trim().split('\n');
          const said = lines.map((line) => JSON.parse(line) as WireMessage);
          const end = said.findIndex((message) => message.id === id);
          expect(shapeOf(said.slice(end - BURST, end + 1))).toEqual(inOrder);
        }
      }
    }
  });
});
