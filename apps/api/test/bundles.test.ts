import { callModern, exchange, initializeRequest, openLegacySession, sendBytes } from '@hostler/test-kit';
import type { WireMessage } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { bearer, faces, newKey, startRig } from './support/consumers-rig.ts';
import type { Headers, Settings } from './support/consumers-rig.ts';

const a = newKey();
const b = newKey();
const NARROW = { servers: { one: { allow: ['tool:echo'] } }, title: 'Echoes', instructions: 'Say it twice.' };
const settings: Settings = {
  consumers: {
    a: { keys: [a.entry], bundles: ['narrow', 'both'], deny: ['tool:two/**'] },
    b: { keys: [b.entry] },
  },
  bundles: { narrow: NARROW, both: { allow: ['tool:*/echo'] }, other: {} },
};

const toolsOf = ({ result }: WireMessage): string[] =>
  ((result as { tools?: { name: string }[] } | undefined)?.tools ?? []).map(({ name }) => name);
const codeOf = ({ error }: WireMessage): unknown => (error as { data?: { code?: unknown } } | undefined)?.data?.code;

describe.each(Object.entries(faces))('a bundle over %s', (_, open) => {
  it('shows what it and the consumer let through, and lets that alone be called', async () => {
    await using rig = await startRig(settings);
    await using client = await open(rig.url, bearer(a.key), '/bundles/narrow');
    expect(toolsOf(await client.ask('tools/list'))).toEqual(['one__echo']);
    const call = (name: string): Promise<WireMessage> => client.ask('tools/call', { name, arguments: { x: 1 } });
    expect((await call('one__echo')).result).toMatchObject({ structuredContent: { x: 1 } });
    const refused = await Promise.all(['one__fail', 'one__zzzz', 'two__echo'].map(call));
    expect(refused.map(codeOf)).toEqual(Array.from(refused, () => 'ROUTE_NOT_FOUND'));
    await using both = await open(rig.url, bearer(a.key), '/bundles/both');
    await using all = await open(rig.url, bearer(b.key), '/bundles/both');
    expect([await both.ask('tools/list'), await all.ask('tools/list')].map(toolsOf)).toEqual([
      ['one__echo'],
      ['one__echo', 'two__echo'],
    ]);
    expect(codeOf(await both.ask('tools/call', { name: 'two__echo', arguments: {} }))).toBe('ROUTE_NOT_FOUND');
  });
});

/** What a path answers, without the name of the bundle. */
async function answered(url: string, name: string, [method, face]: readonly [string, string]): Promise<unknown> {
  const path = `/bundles/${name}/${face}`;
  if (face === 'ws') {
    const upgrade =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    const text = await sendBytes(
      url,
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: ${a.key}\r\n${upgrade}\r\n`,
    );
    return plain(text, name).replace(/^content-length: .*$|^date: .*$/gim, '');
  }
  const headers: Headers = { accept: 'application/json, text/event-stream', ...bearer(a.key) };
  const body = method === 'POST' ? { body: initializeRequest(1) } : {};
  const { status, headers: got, text } = await exchange(url + path, { method, headers, ...body });
  return { status, type: got['content-type'], text: plain(text, name) };
}

/** Without what differs from one answer to the next. */
function plain(text: string, name: string): string {
  return text.replaceAll(name, '…').replace(/"requestId":"[^"]*"/, '"requestId"');
}

it('a bundle of others looks like none, whatever is asked of it', async () => {
  await using rig = await startRig(settings);
  const asked = [
    ['POST', 'mcp'],
    ['GET', 'mcp'],
    ['DELETE', 'mcp'],
    ['PUT', 'mcp'],
    ['GET', 'sse'],
    ['POST', 'messages'],
    ['GET', 'ws'],
  ] as const;
  const statuses: [unknown, number][] = [];
  for (const one of asked) {
    const [hidden, unknown, server] = await Promise.all([
      answered(rig.url, 'other', one),
      answered(rig.url, 'never', one),
      exchange(`${rig.url}/servers/never/${one[1]}`, {
        method: one[0],
        headers: bearer(a.key),
        ...(one[0] === 'POST' && { body: initializeRequest(1) }),
      }),
    ]);
    expect([one, hidden]).toEqual([one, unknown]);
    expect(JSON.stringify(hidden)).toContain('ROUTE_NOT_FOUND');
    if (one[1] !== 'ws') statuses.push([(hidden as { status: unknown }).status, server.status]);
  }
  expect(statuses).toEqual(Array.from(statuses, () => [404, 404]));
  const modern = (name: string) =>
    callModern(`${rig.url}/bundles/${name}/mcp`, 'server/discover', {}, { headers: bearer(a.key) });
  const texts = await Promise.all(['other', 'never'].map(async (name) => plain((await modern(name)).text, name)));
  expect(texts[0]).toBe(texts[1]);
  const rest = await Promise.all(
    ['other', 'never'].map(async (name) => {
      const { status, text } = await exchange(`${rig.url}/v1/tools?bundle=${name}`, { headers: bearer(a.key) });
      return [status, plain(text, name)];
    }),
  );
  expect(rest[0]).toEqual(rest[1]);
  expect(rest[0]?.[0]).toBe(404);
});

it('a bundle says of itself what the file says, in both eras', async () => {
  await using rig = await startRig(settings);
  const told = { instructions: 'Say it twice.', serverInfo: { name: 'hostler', title: 'Echoes' } };
  const headers = bearer(a.key);
  const { initializeResult } = await openLegacySession(`${rig.url}/bundles/narrow/mcp`, { headers });
  expect(initializeResult).toMatchObject(told);
  const { messages } = await callModern(`${rig.url}/bundles/narrow/mcp`, 'server/discover', {}, { headers });
  expect(messages[0]?.result).toMatchObject({ instructions: told.instructions });
  const whole = await openLegacySession(`${rig.url}/mcp`, { headers });
  expect(JSON.stringify(whole.initializeResult)).not.toMatch(/Echoes|twice/);
  expect(JSON.stringify((await callModern(`${rig.url}/mcp`, 'server/discover', {}, { headers })).messages)).not.toMatch(
    /Echoes|twice/,
  );
});

it('a session is good where it was opened', async () => {
  await using rig = await startRig(settings);
  const headers = bearer(a.key);
  const places = ['', '/bundles/narrow', '/bundles/both', '/servers/one'];
  for (const place of places) {
    const session = await openLegacySession(`${rig.url}${place}/mcp`, { headers });
    const statuses = await Promise.all(
      places.map(async (other) => {
        const body = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} } as const;
        return (await exchange(`${rig.url}${other}/mcp`, { headers: session.headers, body })).status;
      }),
    );
    expect([place, statuses]).toEqual([place, places.map((other) => (other === place ? 200 : 404))]);
  }
});

it('REST goes through a bundle where it is named', async () => {
  await using rig = await startRig(settings);
  const headers = bearer(a.key);
  const list = JSON.parse((await exchange(`${rig.url}/v1/tools?bundle=narrow`, { headers })).text) as {
    tools: object[];
  };
  expect(list.tools).toMatchObject([{ name: 'one__echo' }]);
  const statusOf = async (path: string, body?: object): Promise<number> =>
    (await exchange(`${rig.url}${path}`, { headers, ...(body && { body }) })).status;
  expect([
    await statusOf('/v1/tools/one__echo?bundle=narrow'),
    await statusOf('/v1/tools/one__fail?bundle=narrow'),
    await statusOf('/v1/tools/one__echo/call?bundle=narrow', { arguments: { x: 1 } }),
    await statusOf('/v1/tools/one__fail/call?bundle=narrow', {}),
    await statusOf('/v1/resources/read?bundle=narrow&uri=mem%3A%2F%2Fa'),
    await statusOf('/v1/prompts/one__x/get?bundle=narrow', {}),
    await statusOf('/v1/tools?bundle=narrow&bundles=x'),
  ]).toEqual([200, 404, 200, 404, 404, 404, 400]);
});

it('tells those at a bundle alone when it shows other things, and ends their sessions when it is gone', async () => {
  await using rig = await startRig(settings);
  const at = async (path: string) => {
    const session = await openLegacySession(`${rig.url}${path}/mcp`, { headers: bearer(a.key) });
    const stream = await session.listen();
    await session.call('tools/list');
    return { session, stream };
  };
  const [narrow, both] = await Promise.all([at('/bundles/narrow'), at('/bundles/both')]);
  const heard: unknown[] = [];
  const reading = both.stream.nextMessage(({ method }) => (heard.push(method), false)).catch(() => undefined);
  await rig.write({ ...settings, bundles: { ...settings.bundles, narrow: { servers: ['one'] } } });
  await narrow.stream.nextMessage(({ method }) => method === 'notifications/tools/list_changed');
  const [listed] = (await narrow.session.call('tools/list')).messages;
  expect(listed && toolsOf(listed).length).toBeGreaterThan(1);
  await both.session.call('ping');
  expect(heard).toEqual([]);

  const { narrow: _, ...left } = settings.bundles ?? {};
  const consumers = { a: { keys: [a.entry] } };
  await rig.write({ ...settings, consumers, bundles: left });
  await narrow.stream.finish();
  expect((await narrow.session.call('tools/list')).text).toContain('ROUTE_NOT_FOUND');
  await rig.write({ ...settings, consumers });
  const isBack = async (): Promise<boolean> =>
    (await narrow.session.call('tools/list')).text.includes('HTTP_SESSION_UNKNOWN');
  await expect.poll(isBack, { timeout: 15_000 }).toBe(true);
  both.stream.close();
  await reading;
});
