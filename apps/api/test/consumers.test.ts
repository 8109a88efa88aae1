import { describe, expect, it } from 'vitest';
import { callModern, exchange, initializeRequest, openLegacySession, sendBytes } from '@hostler/test-kit';
import type { WireMessage } from '@hostler/test-kit';
import { bearer, faces, newKey, startRig } from './support/consumers-rig.ts';
import type { Settings } from './support/consumers-rig.ts';
import { startPatientClock } from './support/patient-clock.ts';

const a = newKey();
const b = newKey();
const twoConsumers: Settings = {
  consumers: { a: { keys: [a.entry], servers: ['one'] }, b: { keys: [b.entry], servers: ['two'] } },
};

const toolsOf = ({ result }: WireMessage): string[] =>
  ((result as { tools?: { name: string }[] } | undefined)?.tools ?? []).map(({ name }) => name);
const codeOf = ({ error }: WireMessage): unknown => (error as { data?: { code?: unknown } } | undefined)?.data?.code;

describe.each(Object.entries(faces))('a consumer over %s', (_, open) => {
  it('is listed what it may call, and nothing else is there for it', async () => {
    await using rig = await startRig(twoConsumers);
    await using client = await open(rig.url, bearer(a.key));
    const names = toolsOf(await client.ask('tools/list'));
    expect(names).toContain('one__echo');
    expect(names.filter((name) => !name.startsWith('one__'))).toEqual([]);
    const call = (name: string): Promise<WireMessage> => client.ask('tools/call', { name, arguments: { x: 1 } });
    expect((await call('one__echo')).result).toMatchObject({ structuredContent: { x: 1 } });
    const hidden = await call('two__echo');
    const unknown = await call('two__nothing');
    expect([codeOf(hidden), codeOf(unknown)]).toEqual(['ROUTE_NOT_FOUND', 'ROUTE_NOT_FOUND']);
    await using alone = await open(rig.url, bearer(a.key), '/servers/one');
    expect(toolsOf(await alone.ask('tools/list'))).toContain('echo');
    const refused = open(rig.url, bearer(a.key), '/servers/two').then((opened) => opened.ask('tools/list'));
    await expect(refused.then(codeOf, () => 'ROUTE_NOT_FOUND')).resolves.toBe('ROUTE_NOT_FOUND');
  });
});

const METADATA = 'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"';

describe('a request that proves nothing', () => {
  const expired = newKey({ expires: '2020-01-01' });
  const settings: Settings = {
    consumers: { a: { keys: [a.entry, expired.entry], roles: ['viewer'] }, b: { keys: [b.entry] } },
    auth: { resource: 'https://mcp.example.com/mcp' },
  };
  const wrong = newKey().key;
  const wrongs: readonly (readonly [string, Readonly<Record<string, string>>, string, string])[] = [
    ['no credentials', {}, '', 'AUTH_MISSING'],
    ['a key of nobody', bearer(wrong), '', 'AUTH_INVALID'],
    ['a mistyped key', bearer(`${a.key.slice(0, -1)}x`), '', 'AUTH_INVALID'],
    ['an expired key', bearer(expired.key), '', 'AUTH_EXPIRED'],
    ['a key and another', { ...bearer(a.key), 'x-api-key': b.key }, '', 'AUTH_INVALID'],
    ['a key of basic authentication', { authorization: `Basic ${btoa(`a:${a.key}`)}` }, '', 'AUTH_'],
    ['a key in the query', {}, `?access_token=${a.key}`, 'AUTH_INVALID'],
    ['a key in the query beside a good one', bearer(a.key), `?api_key=${a.key}`, 'AUTH_INVALID'],
    ['a name', { 'x-consumer': 'a', 'x-forwarded-user': 'a', cookie: `key=${a.key}` }, '?consumer=a', 'AUTH_MISSING'],
  ];
  const paths: readonly (readonly [string, string])[] = [
    ['POST', '/mcp'],
    ['GET', '/mcp'],
    ['DELETE', '/mcp'],
    ['POST', '/servers/one/mcp'],
    ['POST', '/servers/none/mcp'],
    ['GET', '/sse'],
    ['POST', '/messages'],
    ['GET', '/ws'],
    ['GET', '/v1/tools'],
    ['POST', '/v1/tools/one__echo/call'],
    ['GET', '/v1/servers'],
    ['POST', '/v1/reload'],
    ['GET', '/v1/openapi.json'],
    ['GET', '/metrics'],
    ['GET', '/nothing'],
    ['GET', '/.well-known/../v1/tools'],
  ];

  it('is refused at every path, with the word where to get a token', async () => {
    await using rig = await startRig(settings);
    for (const [what, headers, query, code] of wrongs) {
      for (const [method, path] of paths) {
        const body = method === 'POST' ? { body: initializeRequest(1) } : {};
        const accept = 'application/json, text/event-stream';
        const answer = await exchange(rig.url + path + query, { method, headers: { accept, ...headers }, ...body });
        const place = `${what} at ${method} ${path}`;
        const isMcp = !/^\/(?:v1|metrics|nothing|\.)/.test(path);
        const type = isMcp ? 'application/json' : 'application/problem+json';
        const says = [code, METADATA].filter((word) =>
          `${answer.text}${answer.headers['www-authenticate']}`.includes(word),
        );
        const { status, headers: got } = answer;
        expect([place, status, got['content-type'], ...says]).toEqual([place, 401, type, code, METADATA]);
      }
    }
    expect(rig.log()).not.toContain(a.key);
    expect(rig.log()).not.toContain(wrong);
  });

  it('is refused an upgrade, and credentials that stand twice', async () => {
    await using rig = await startRig(settings);
    const upgrade =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    const head = `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\n${upgrade}`;
    const bare = await sendBytes(rig.url, `${head}\r\n`);
    expect(bare).toContain('HTTP/1.1 401');
    expect(bare.toLowerCase()).toContain('www-authenticate: bearer');
    for (const name of ['Authorization: Bearer ', 'X-Api-Key: ']) {
      const twice = await sendBytes(rig.url, `${head}${name}${a.key}\r\n${name}${a.key}\r\n\r\n`);
      expect(twice).toContain('HTTP_HEADER_DUPLICATE');
    }
  });

  it('is answered before its body has come', async () => {
    await using rig = await startRig(settings);
    const head = 'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n';
    expect(await sendBytes(rig.url, `${head}Content-Length: 1000000\r\n\r\n{`)).toContain('HTTP/1.1 401');
  });

  it('is told how the host is, and where tokens are to be had, and nothing more', async () => {
    await using rig = await startRig({
      ...settings,
      auth: {
        resource: 'https://mcp.example.com/mcp',
        issuers: { main: { issuer: 'https://login.example.com', audience: ['hostler'] } },
      },
    });
    const json = async (path: string, headers = {}): Promise<unknown> =>
      JSON.parse((await exchange(rig.url + path, { headers })).text);
    expect(await json('/healthz')).toEqual({ status: 'ok', phase: 'running' });
    expect(await json('/readyz', bearer(wrong))).toEqual({ status: 'ready', phase: 'running' });
    expect(await json('/livez')).toEqual({ status: 'ok' });
    expect(await json('/readyz', bearer(b.key))).toEqual({ status: 'ready', phase: 'running' });
    expect(await json('/readyz', bearer(a.key))).toMatchObject({ servers: [{ name: 'one' }, { name: 'two' }] });
    const metadata = { resource: 'https://mcp.example.com/mcp', authorization_servers: ['https://login.example.com'] };
    expect(await json('/.well-known/oauth-protected-resource')).toMatchObject(metadata);
    expect(await json('/.well-known/oauth-protected-resource/mcp')).toMatchObject(metadata);
    expect((await exchange(`${rig.url}/.well-known/oauth-protected-resource/other`)).status).toBe(404);
  });
});

it('nobody gets in where no consumer is configured, and everybody on loopback where none is spoken of', async () => {
  await using closed = await startRig({ consumers: {} });
  expect((await exchange(`${closed.url}/v1/tools`, { headers: bearer(a.key) })).status).toBe(401);
  await using open = await startRig({});
  expect((await exchange(`${open.url}/v1/tools`)).status).toBe(200);
});

it('a session is that of its consumer: to others it is none, whatever they ask of it', async () => {
  await using rig = await startRig({ consumers: { a: { keys: [a.entry] }, b: { keys: [b.entry] } } });
  const url = `${rig.url}/mcp`;
  const session = await openLegacySession(url, { headers: bearer(a.key) });
  const foreign = { ...session.headers, ...bearer(b.key) };
  const invented = { ...foreign, 'mcp-session-id': 'A'.repeat(43) };
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  for (const options of [{ body }, { method: 'DELETE' }, { headers: { accept: 'text/event-stream' } }]) {
    const ask = async (headers: object) => {
      const answer = await exchange(url, { ...options, headers: { ...options.headers, ...headers } });
      return [answer.status, answer.text.replace(/"requestId":"[^"]*"/, '')];
    };
    expect(await ask(foreign)).toEqual(await ask(invented));
    expect((await ask(foreign))[0]).toBe(404);
  }
  expect((await session.call('tools/list')).status).toBe(200);
});

it('REST acts as its caller: it lists and calls what that may see', async () => {
  await using rig = await startRig(twoConsumers);
  const ask = async (path: string, headers: object, body?: object) => {
    const answer = await exchange(`${rig.url}/v1${path}`, { headers: { ...headers }, ...(body && { body }) });
    return { status: answer.status, body: JSON.parse(answer.text) as Record<string, unknown> };
  };
  const listed = await ask('/tools', { 'x-api-key': b.key });
  const names = (listed.body['tools'] as { name: string }[]).map(({ name }) => name);
  expect([names.includes('two__echo'), names.some((name) => name.startsWith('one__'))]).toEqual([true, false]);
  expect((await ask('/tools/one__echo', bearer(b.key))).status).toBe(404);
  expect((await ask('/tools/one__echo/call', bearer(b.key), {})).status).toBe(404);
  expect((await ask('/tools/two__echo/call', bearer(b.key), {})).status).toBe(200);
  expect((await ask('/info', bearer(b.key))).body['counts']).toMatchObject({ servers: 1, up: 1 });
  const { tools } = (await ask('/schema', bearer(a.key))).body as { tools: object };
  expect(Object.keys(tools).every((name) => name.startsWith('one__'))).toBe(true);
});

describe('a key that is taken back in the file', () => {
  it.each(Object.entries(faces))('is worth nothing within a second over %s', async (_, open) => {
    await using clock = startPatientClock();
    await using rig = await startRig(twoConsumers, { clock });
    await using client = await open(rig.url, bearer(a.key));
    await using other = await open(rig.url, bearer(b.key));
    await client.ask('tools/list');
    const begun = clock.now();
    await rig.write({ consumers: { a: { servers: ['one'] }, b: { keys: [b.entry], servers: ['two'] } } });
    const refused = async (): Promise<number> =>
      (await exchange(`${rig.url}/v1/tools`, { headers: bearer(a.key) })).status;
    await expect.poll(refused, { interval: 20, timeout: 20_000 }).toBe(401);
    await client.ended;
    expect(clock.now() - begun).toBeLessThan(1_000);
    await expect(client.ask('tools/list')).rejects.toThrow(/401|ended/);
    expect(toolsOf(await other.ask('tools/list'))).toContain('two__echo');
  });

  it('ends the calls that are under way with it', async () => {
    await using rig = await startRig(twoConsumers);
    const { host } = rig.runtime;
    const dispatch = host.dispatch.bind(host);
    let underWay = 0;
    host.dispatch = (asked) => ((underWay += 1), dispatch(asked));
    const hang = { name: 'one__hang', arguments: {} };
    const rest = exchange(`${rig.url}/v1/tools/one__hang/call`, { headers: bearer(a.key), body: {} });
    const mcp = callModern(`${rig.url}/mcp`, 'tools/call', hang, { headers: bearer(a.key) });
    await expect.poll(() => underWay, { timeout: 15_000 }).toBe(2);
    await rig.write({ consumers: {} });
    await rig.runtime.reload();
    expect([(await rest).status, (await rest).text]).toEqual([401, expect.stringContaining('HTTP_ACCESS_ENDED')]);
    expect((await mcp).text).toContain('HTTP_ACCESS_ENDED');
  });

  it('has another in its place without a gap', async () => {
    const next = newKey();
    const consumers = (...keys: { hash: string }[]): Settings => ({ consumers: { a: { keys } } });
    await using rig = await startRig(consumers(a.entry, next.entry));
    const session = await openLegacySession(`${rig.url}/mcp`, { headers: bearer(a.key) });
    const renewed = { ...session.headers, ...bearer(next.key) };
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await exchange(`${rig.url}/mcp`, { headers: renewed, body: list })).status).toBe(200);
    await rig.write(consumers(next.entry));
    await rig.runtime.reload();
    expect((await session.call('tools/list')).status).toBe(401);
    expect((await exchange(`${rig.url}/mcp`, { headers: renewed, body: list })).status).toBe(200);
  });
});

it('what a consumer sees changes with the file, for list and call alike, and it is told', async () => {
  await using rig = await startRig(twoConsumers);
  await using client = await faces['WebSocket']!(rig.url, bearer(a.key));
  expect(toolsOf(await client.ask('tools/list'))).toContain('one__slow');
  const session = await openLegacySession(`${rig.url}/mcp`, { headers: bearer(a.key) });
  await session.call('tools/list');
  await using stream = await session.listen();
  await rig.write({ consumers: { a: { keys: [a.entry], servers: ['one'], allow: ['tool:one/echo'] } } });
  await rig.runtime.reload();
  await stream.nextMessage(({ method }) => method === 'notifications/tools/list_changed');
  expect(toolsOf(await client.ask('tools/list'))).toEqual(['one__echo']);
  expect(codeOf(await client.ask('tools/call', { name: 'one__slow', arguments: {} }))).toBe('ROUTE_NOT_FOUND');
});
