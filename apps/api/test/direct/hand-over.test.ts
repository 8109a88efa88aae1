import { describe, expect, test } from 'vitest';
import { echo, isNodes, later, post, someTurns, Stage, undated, until } from './support.ts';
import type { Client } from './support.ts';

const PLAIN = post('{"plain":true}');
const LAST = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const HEADERS = { 'x-of-every': 'answer' };

const field = (line: string): string => PLAIN.replace('\r\n\r\n', `\r\n${line}\r\n\r\n`);

/** What is not answered directly. */
const OTHERS: Readonly<Record<string, string>> = {
  'a GET': 'GET /mcp HTTP/1.1\r\nHost: a\r\n\r\n',
  'a HEAD': 'HEAD /mcp HTTP/1.1\r\nHost: a\r\n\r\n',
  'an OPTIONS': 'OPTIONS /mcp HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n\r\n',
  'a PUT, which begins like a POST': 'PUT /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab',
  'a DELETE': 'DELETE /mcp HTTP/1.1\r\nHost: a\r\n\r\n',
  'a POST in chunks':
    'POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\nt: u\r\n\r\n',
  'a POST that expects 100': field('Expect: 100-continue'),
  'a POST to another path': post('{"a":1}', '/api/servers'),
  'a POST to the other half of SSE': post('{"a":1}', '/messages?session=1'),
  'a POST with a field twice': field('X-A: 1\r\nX-A: 2'),
  'a POST by HTTP/1.0': PLAIN.replace('HTTP/1.1', 'HTTP/1.0').replace('\r\n\r\n', '\r\nConnection: keep-alive\r\n\r\n'),
  'a POST with a head of 9 KiB': field(`X-Long: ${'x'.repeat(9 * 1_024)}`),
  'a POST with a body of 257 KiB': post('y'.repeat(257 * 1_024)),
  'an empty line before it': `\r\n${PLAIN}`,
};

/** After which there is nothing more. */
const LAST_ONES: Readonly<Record<string, string>> = {
  'a POST that wants the connection closed': field('Connection: close'),
  'a WebSocket':
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\nfirst frame',
  garbage: 'Pgarbage\r\n\r\n',
  'a TLS greeting': '\u0016\u0003\u0001\u0000\u00f8\u0001\u0000\u0000\u00f4\u0003\u0003',
  'a POST without a host': PLAIN.replace('Host: localhost\r\n', ''),
  'a POST with two lengths': field('Content-Length: 3'),
  'a POST with a length and chunks': field('Transfer-Encoding: chunked'),
  'a POST with a length that is none': PLAIN.replace(/Content-Length: \d+/, 'Content-Length: 0x10'),
  'a POST with a blank before a colon': field('X-A : b'),
  'a POST with a line that goes on': field('X-A: b\r\n c'),
  'a head of 20 KiB': field(`X-Long: ${'x'.repeat(20 * 1_024)}`),
};

type Way = (client: Client) => Promise<string>;

interface Compared {
  readonly direct: readonly string[];
  readonly node: readonly string[];
  /** How many calls were answered directly. */
  readonly directCalls: number;
}

/** The same said to a server with and to one without the direct way in, each way on a connection of its own. */
async function compare(ways: readonly Way[]): Promise<Compared> {
  await using direct = await Stage.set({ headers: HEADERS });
  await using node = await Stage.set({ headers: HEADERS, isDirect: false });
  const said = ({ calls }: Stage): string[] => calls.map(({ text }) => text).toSorted();
  const outcome = (stage: Stage): Promise<string[]> =>
    Promise.all(ways.map(async (way) => undated(await way(await stage.connect()))));
  const [one, other] = [await outcome(direct), await outcome(node)];
  expect(said(direct)).toEqual(said(node));
  expect(node.ways).not.toContain('direct');
  await Promise.all([direct.finish(), node.finish()]);
  return { direct: one, node: other, directCalls: direct.calls.filter(({ by }) => by === 'direct').length };
}

/** Where a request is cut in two. */
function cutsOf(bytes: string): number[] {
  const headEnd = bytes.indexOf('\r\n\r\n');
  const all = [0, 1, 4, 5, 20, headEnd, headEnd + 2, headEnd + 4, headEnd + 6, bytes.length - 1];
  return [...new Set(all.filter((at) => at >= 0 && at < bytes.length))];
}

/** In one piece or in two. */
async function sendCut(client: Client, bytes: string, at: number): Promise<void> {
  if (at > 0) await client.send(bytes.slice(0, at));
  await client.send(bytes.slice(at));
}

describe.each([
  ...Object.entries(OTHERS).map(([name, bytes]) => [name, bytes, LAST] as const),
  ...Object.entries(LAST_ONES).map(([name, bytes]) => [name, bytes, ''] as const),
])('%s', (_, bytes, last) => {
  test('as the first request is answered as Node answers it', async () => {
    const { direct, node, directCalls } = await compare(
      cutsOf(bytes).map((at) => async (client) => {
        await sendCut(client, bytes, at);
        if (last !== '') client.write(last);
        return client.rest();
      }),
    );
    expect(direct).toEqual(node);
    expect(node.every((text) => text.startsWith('HTTP/1.1 '))).toBe(true);
    expect(directCalls).toBe(0);
  });

  test('as a later request too, and everything behind it', async () => {
    const cuts = cutsOf(bytes);
    const { direct, node, directCalls } = await compare(
      cuts.map((at) => async (client) => {
        const first = await client.ask(PLAIN);
        expect((await client.ask(PLAIN)).body).toBe(first.body);
        await sendCut(client, bytes, at);
        if (last !== '') client.write(PLAIN + last);
        return client.rest();
      }),
    );
    expect(direct).toEqual(node);
    expect(node.every((text) => text.startsWith('HTTP/1.1 '))).toBe(true);
    expect(directCalls).toBe(cuts.length * 2);
  });

  test('at once with one that is answered directly', async () => {
    // Node alone does not wait for that answer before it finds the next one bad: it drops both.
    const { node } = await compare([async (client) => (await client.send(bytes + last), client.rest())]);
    await using stage = await Stage.set({ headers: HEADERS });
    const client = await stage.connect();
    await client.send(PLAIN + bytes + last);
    expect((await client.answer()).body).toContain('{"plain":true}');
    expect([undated(await client.rest())]).toEqual(node);
    expect(stage.calls.filter(({ by }) => by === 'direct')).toHaveLength(1);
    await stage.finish();
  });
});

describe('a direct answer', () => {
  test('means the same as that of Node', async () => {
    await using direct = await Stage.set({ headers: HEADERS });
    await using node = await Stage.set({ headers: HEADERS, isDirect: false });
    const [one, other] = [await (await direct.connect()).ask(PLAIN), await (await node.connect()).ask(PLAIN)];
    expect({ ...one, fields: { ...one.fields, date: '' } }).toEqual({
      ...other,
      fields: { ...other.fields, date: '' },
    });
    expect(new Date(one.fields['date'] ?? '').getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(one.fields).toMatchObject({ 'x-of-every': 'answer', connection: 'keep-alive' });
  });

  test('is not Node’s, and what is Node’s stays it', async () => {
    await using stage = await Stage.set();
    const client = await stage.connect();
    await client.ask(PLAIN);
    expect(isNodes(client.peer)).toBe(false);
    await client.ask(OTHERS['a GET']!);
    expect(isNodes(client.peer)).toBe(true);
    for (let round = 0; round < 20; round++) await client.ask(PLAIN);
    expect(stage.ways).toMatch(/^direct(?: node){21}$/);
    // Nobody else listens any more.
    await using alone = await Stage.set({ isDirect: false });
    const other = await alone.connect();
    await other.ask(PLAIN);
    for (const name of ['data', 'end', 'drain', 'close', 'error']) {
      expect([name, client.peer.listenerCount(name)]).toEqual([name, other.peer.listenerCount(name)]);
    }
    await Promise.all([stage.finish(), alone.finish()]);
  });
});

test.each([
  ['whose lines end in LF', PLAIN.replaceAll('\r\n', '\n')],
  ['that has no end', 'Pgarbage'],
])('what begins like a POST, %s, is refused a moment later', async (_, bytes) => {
  await using direct = await Stage.set();
  await using alone = await Stage.set({ isDirect: false });
  const [one, other] = [await direct.connect(), await alone.connect()];
  await one.send(bytes);
  await other.send(bytes);
  await direct.clock.pass(2_000);
  expect(undated(await one.rest())).toBe(undated(await other.rest()));
  expect(one.text).toMatch(/^HTTP\/1.1 400 /);
  await Promise.all([direct.finish(), alone.finish()]);
});

test('a client that waits for 100 before it sends its body gets it', async () => {
  for (const start of ['', PLAIN]) {
    await using stage = await Stage.set();
    const client = await stage.connect();
    if (start !== '') await client.ask(start);
    const [head = '', body = ''] = field('Expect: 100-continue').split('\r\n\r\n');
    await client.send(`${head}\r\n\r\n`);
    expect((await client.answer()).status).toBe(100);
    client.write(body);
    expect((await client.answer()).body.endsWith(body)).toBe(true);
    await stage.finish();
  }
});

test('a WebSocket has its first frame, whether it came with the request or behind it', async () => {
  const [head = '', frame = ''] = LAST_ONES['a WebSocket']!.split('\r\n\r\n');
  await using stage = await Stage.set();
  const client = await stage.connect();
  await client.ask(PLAIN);
  await client.send(`${head}\r\n\r\n${frame}`);
  expect(await client.rest()).toMatch(/^HTTP\/1.1 101 [^]*\/ws first frame$/);
  await stage.finish();
});

test('a large body in pieces, of which the first was read directly', async () => {
  await using stage = await Stage.set();
  const client = await stage.connect();
  await client.ask(PLAIN);
  const body = 'abcdefghij'.repeat(200_000);
  client.write(post(body));
  const answer = await client.answer();
  expect(answer.body.endsWith(body)).toBe(true);
  client.write(post(body).repeat(2) + PLAIN);
  for (let round = 0; round < 2; round++) expect((await client.answer()).body.endsWith(body)).toBe(true);
  expect((await client.answer()).body).toContain('{"plain":true}');
  expect(stage.ways).toBe('direct node node node node');
  await stage.finish();
});

test('what waits behind a slow answer is in order when Node gets it', async () => {
  await using stage = await Stage.set({ answer: (call) => (call.by === 'direct' ? later() : echo(call)) });
  const client = await stage.connect();
  await client.send(PLAIN);
  const others = Array.from(
    { length: 3_000 },
    (_, index) => `GET /${index} HTTP/1.1\r\nHost: ${'a'.repeat(100)}\r\n\r\n`,
  );
  client.write(others.join(''));
  await someTurns();
  expect(stage.calls).toHaveLength(1);
  echo(stage.calls[0]!);
  await client.answer();
  await until(() => stage.calls.length === 3_001);
  expect(stage.calls.slice(1).map(({ path }) => path)).toEqual(others.map((_, index) => `/${index}`));
  for (let index = 0; index < 3_000; index++) expect((await client.answer()).body).toContain(`GET /${index} `);
  await stage.finish();
});
