import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { callModern, exchange, openLegacySession } from '@hostler/test-kit';
import { bearer, faces, newKey, startRig } from './support/consumers-rig.ts';
import type { FaceClient, Headers } from './support/consumers-rig.ts';

const CLIENTS = 200;
const CALLS = 5;

it('answers do not cross between 200 clients of 4 consumers with the same ids, in both eras', async () => {
  const keys = ['a', 'b', 'c', 'd'].map((name) => ({ name, ...newKey() }));
  await using rig = await startRig({
    consumers: Object.fromEntries(keys.map(({ name, entry }) => [name, { keys: [entry] }])),
  });
  const open: FaceClient[] = [];
  const asked = Array.from({ length: CLIENTS }, async (_, number) => {
    const { name, key } = keys[number % keys.length]!;
    const ask = await askingBy(rig.url, number, bearer(key), open);
    for (let call = 0; call < CALLS; call += 1) {
      const marks = { consumer: name, number, call };
      // oxlint-disable-next-line no-await-in-loop -- so that every client has the same ids one after the other
      expect(await ask({ ...marks, pad: 'x'.repeat(number) })).toMatchObject(marks);
    }
  });
  await Promise.all(asked);
  await Promise.all(open.map((client) => client[Symbol.asyncDispose]()));
}, 60_000);

type Ask = (given: object) => Promise<unknown>;

/** A client that calls a tool which gives back what it was given. */
async function askingBy(url: string, number: number, headers: Headers, open: FaceClient[]): Promise<Ask> {
  const params = (given: object) => ({ name: number % 2 === 0 ? 'one__echo' : 'two__echo', arguments: given });
  const kind = Math.floor(number / 4) % 4;
  if (kind === 0) {
    const session = await openLegacySession(`${url}/mcp`, { headers });
    return async (given) => contentOf((await session.call('tools/call', params(given))).messages.at(-1)?.result);
  }
  if (kind === 1) {
    return async (given) =>
      contentOf((await callModern(`${url}/mcp`, 'tools/call', params(given), { headers })).messages.at(-1)?.result);
  }
  const client = await faces[kind === 2 ? 'HTTP+SSE' : 'WebSocket']!(url, headers);
  open.push(client);
  return async (given) => contentOf((await client.ask('tools/call', params(given))).result);
}

function contentOf(result: unknown): unknown {
  return (result as { structuredContent?: unknown } | undefined)?.structuredContent;
}

it('what a client shows for itself goes to no server and into no log', async () => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const key = newKey();
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  await using rig = await startRig({ servers: { far: { url: upstream } }, consumers: { a: { keys: [key.entry] } } });
  const headers = { 'x-api-key': key.key, cookie: 'session=secret-cookie' };
  await callModern(`${rig.url}/mcp`, 'tools/call', { name: 'far__x', arguments: {} }, { headers });
  await callModern(`${rig.url}/servers/far/mcp`, 'tools/list', {}, { headers: bearer(key.key) });
  await exchange(`${rig.url}/v1/tools/far__x/call`, { headers, body: {} });
  expect(seen.length).toBeGreaterThan(0);
  expect(JSON.stringify(seen)).not.toMatch(new RegExp(`${key.key}|secret-cookie`));
  expect(rig.log()).not.toMatch(new RegExp(`${key.key}|secret-cookie`));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
