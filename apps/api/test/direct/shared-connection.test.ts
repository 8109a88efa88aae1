import { Client } from 'undici';
import { expect, test } from 'vitest';
import { bearer, newKey, startRig } from '../support/consumers-rig.ts';

const a = newKey();
const b = newKey();
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** As a proxy that puts the requests of several clients on one connection. */
test('who asks is looked at with each request, however much it is like the one before', async () => {
  await using rig = await startRig({
    consumers: { a: { keys: [a.entry], servers: ['one'] }, b: { keys: [b.entry], servers: ['two'] } },
  });
  const client = new Client(rig.url);
  let connections = 0;
  client.on('connect', () => (connections += 1));
  const ask = async (key: string | undefined, cursor = ''): Promise<string> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: META, x: cursor } });
    const { statusCode, body: answer } = await client.request({
      method: 'POST',
      path: '/mcp',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/list',
        ...(key !== undefined && bearer(key)),
      },
      body,
    });
    const names = (await answer.text()).match(/"name":"(?:one|two)__/g) ?? [];
    return `${statusCode} ${[...new Set(names.map((name) => name.slice(8, 11)))].join(' ')}`.trim();
  };
  const nobody = newKey().key;
  const asked: string[] = [];
  for (const key of [a, a, a, b, a, b, b, b].map(({ key: text }) => text).concat([nobody, nobody, a.key, a.key])) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, over one connection
    asked.push(await ask(key));
  }
  expect(asked.join(', ')).toBe(
    '200 one, 200 one, 200 one, 200 two, 200 one, 200 two, 200 two, 200 two, 401, 401, 200 one, 200 one',
  );
  expect([await ask(undefined), await ask(undefined), await ask(a.key)]).toEqual(['401', '401', '200 one']);
  // With a longer body, and after another one.
  expect([await ask(a.key, 'longer'), await ask(a.key, 'x'.repeat(2_000))]).toEqual(['200 one', '200 one']);
  // The same words, and a key that is none any more.
  await rig.write({ consumers: { b: { keys: [b.entry], servers: ['two'] } } });
  await expect.poll(() => ask(a.key)).toBe('401');
  expect([await ask(a.key), await ask(b.key)]).toEqual(['401', '200 two']);
  expect(connections).toBe(1);
  await client.close();
});
