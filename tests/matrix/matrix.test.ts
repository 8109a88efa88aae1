import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cells } from './cells.ts';
import type { Names } from './cells.ts';
import { clientV1 } from './client-v1.ts';
import { clientV2 } from './client-v2.ts';
import type { ClientKind, MatrixClient } from './client.ts';
import { serveUpstream, upstreamKinds } from './upstreams.ts';
import type { ServedUpstream } from './upstreams.ts';

const clients: readonly ClientKind[] = [clientV1, clientV2('legacy'), clientV2('modern')];
const endpoints: readonly (Names & { readonly path: string })[] = [
  { path: '/mcp', tool: (name) => `x__${name}` },
  { path: '/servers/x/mcp', tool: (name) => name },
];

describe.each(upstreamKinds)('$name server', (upstream) => {
  let served: ServedUpstream;

  beforeAll(async () => {
    served = await serveUpstream(upstream);
  });
  afterAll(() => served?.[Symbol.asyncDispose]());

  describe.each(clients)('$name client', (kind) => {
    describe.each(endpoints)('at $path', ({ path, tool }) => {
      const open: MatrixClient[] = [];
      let asked: Promise<MatrixClient> | undefined;
      afterAll(() => Promise.all(open.map((client) => client[Symbol.asyncDispose]())));

      async function connect(askable: boolean): Promise<MatrixClient> {
        const client = await kind.connect(`${served.url}${path}`, { askable });
        open.push(client);
        return client;
      }

      it.each(cells)('$name', async ({ askable, run }) => {
        // A stdio server is started anew for each client that can be asked: one for all questions.
        if (askable) asked ??= connect(true);
        const client = await (askable && asked ? asked : connect(false));
        await run(client, { tool });
        expect(client.received.troubles).toEqual([]);
      });
    });
  });
});
