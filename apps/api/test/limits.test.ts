import { describe, expect, it } from 'vitest';
import { callModern, chaosServer, exchange, openExchange, openLegacySession } from '@hostler/test-kit';
import type { HttpAnswer, WireMessage } from '@hostler/test-kit';
import { bearer, faces, newKey, startRig } from './support/consumers-rig.ts';
import type { ConsumersRig, Settings } from './support/consumers-rig.ts';

const a = newKey();
const b = newKey();
type Limits = NonNullable<NonNullable<Settings['consumers']>[string]['limits']>;

const limited = (limits: Limits, more: object = {}): Settings => ({
  consumers: { a: { keys: [a.entry], limits, ...more }, b: { keys: [b.entry] } },
});

const errorOf = ({ error }: WireMessage) =>
  error as { code: number; data: { code: string; retryAfter: number } } | undefined;
const rest = (url: string, key: string, path = '/tools', body?: object): Promise<HttpAnswer> =>
  exchange(`${url}/v1${path}`, { headers: bearer(key), ...(body && { body }) });

describe.each(Object.entries(faces))('calls beyond the limit of a consumer over %s', (_, open) => {
  it('are refused, lists too, and nobody else is', async () => {
    await using rig = await startRig(limited({ calls: '3/h' }));
    await using client = await open(rig.url, bearer(a.key));
    await using other = await open(rig.url, bearer(b.key));
    await client.ask('ping');
    expect((await client.ask('tools/list')).result).toBeDefined();
    expect((await client.ask('tools/call', { name: 'one__echo', arguments: {} })).result).toBeDefined();
    expect((await client.ask('prompts/list')).result).toBeDefined();
    for (const [method, params] of [
      ['tools/list', {}],
      ['tools/call', { name: 'one__echo', arguments: {} }],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      const refused = errorOf(await client.ask(method, params));
      expect(refused).toMatchObject({ code: -32_015, data: { code: 'LIMIT_EXCEEDED', mayHaveRun: false } });
      expect(refused?.data.retryAfter).toBeGreaterThan(1_000);
    }
    for (let call = 0; call < 5; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      expect((await other.ask('tools/list')).result).toBeDefined();
    }
    expect(errorOf(await client.ask('ping'))?.data.code).not.toBe('LIMIT_EXCEEDED');
  });
});

it('a refusal says over HTTP when to come back, to clients of MCP and of REST, which have one limit together', async () => {
  await using rig = await startRig(limited({ calls: '2/h' }));
  expect((await rest(rig.url, a.key)).status).toBe(200);
  const first = await callModern(`${rig.url}/mcp`, 'tools/list', {}, { headers: bearer(a.key) });
  expect(first.status).toBe(200);
  const mcp = await callModern(`${rig.url}/mcp`, 'tools/list', {}, { headers: bearer(a.key) });
  const http = await rest(rig.url, a.key, '/tools/one__echo/call', {});
  const read = await rest(rig.url, a.key, '/tools/one__echo');
  for (const { status, headers } of [mcp, http, read]) {
    expect(status).toBe(429);
    expect(Number(headers['retry-after'])).toBeGreaterThan(1_700);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(1_800);
  }
  expect(mcp.headers['content-type']).toBe('application/json');
  expect(http.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(http.text)).toMatchObject({ status: 429, code: 'LIMIT_EXCEEDED', mayHaveRun: false });
  expect((await rest(rig.url, b.key)).status).toBe(200);
});

/** How many requests the host was given, each of them with its place or in the queue. */
function countRequests({ runtime: { host } }: ConsumersRig): () => number {
  const dispatch = host.dispatch.bind(host);
  let count = 0;
  host.dispatch = (asked) => {
    const outcome = dispatch(asked);
    count += 1;
    return outcome;
  };
  return () => count;
}

/** A call of the first consumer that runs until it is left. */
function hang(url: string) {
  const leaving = new AbortController();
  const answer = fetch(`${url}/v1/tools/one__hang/call`, {
    method: 'POST',
    headers: { ...bearer(a.key), 'content-type': 'application/json' },
    body: '{}',
    signal: leaving.signal,
  }).catch(() => undefined);
  const leave = async (): Promise<void> => {
    leaving.abort();
    await answer;
  };
  return { leave, [Symbol.asyncDispose]: leave };
}

it('a place is free again when its call is answered or given up', async () => {
  await using rig = await startRig(limited({ concurrent: 1 }));
  const underWay = countRequests(rig);
  await using hanging = hang(rig.url);
  await expect.poll(underWay, { timeout: 15_000 }).toBe(1);
  const refused = await rest(rig.url, a.key);
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
  expect((await rest(rig.url, b.key)).status).toBe(200);
  await hanging.leave();
  await expect.poll(async () => (await rest(rig.url, a.key)).status, { timeout: 15_000 }).toBe(200);
  expect((await rest(rig.url, a.key)).status).toBe(200);
});

it('what was used up stays used up over a reload, and other limits hold at once', async () => {
  await using rig = await startRig(limited({ calls: '2/h' }));
  const status = async (): Promise<number> => (await rest(rig.url, a.key)).status;
  expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
  await rig.write(limited({ calls: '2/h' }, { deny: ['tool:one/echo'] }));
  await rig.runtime.reload();
  expect(await status()).toBe(429);
  await rig.write(limited({ calls: '3/h' }));
  await rig.runtime.reload();
  expect([await status(), await status()]).toEqual([200, 429]);
  await rig.write({ consumers: { a: { keys: [a.entry] } } });
  await rig.runtime.reload();
  expect(await status()).toBe(200);
});

describe('what is left of a rate', () => {
  it('is said in answers over HTTP, to clients of MCP and of REST', async () => {
    await using rig = await startRig(limited({ calls: '3/h', tools: { 'one/e*': '2/h' } }));
    const first = await callModern(`${rig.url}/mcp`, 'tools/list', {}, { headers: bearer(a.key) });
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"consumer";q=3;w=3600',
      ratelimit: '"consumer";r=2;t=1200',
    });
    const called = await rest(rig.url, a.key, '/tools/one__echo/call', {});
    expect(called.headers['ratelimit-policy']).toBe('"consumer";q=3;w=3600, "tool";q=2;w=3600');
    expect(called.headers.ratelimit).toMatch(/^"consumer";r=1;t=2[34]\d\d, "tool";r=1;t=1800$/);
    const read = await rest(rig.url, a.key, '/tools/one__echo');
    expect(read.headers.ratelimit).toMatch(/^"consumer";r=0;t=3[56]\d\d$/);
    for (const refused of [
      await rest(rig.url, a.key),
      await callModern(`${rig.url}/mcp`, 'tools/list', {}, { headers: bearer(a.key) }),
    ]) {
      expect(refused.status).toBe(429);
      expect(refused.headers.ratelimit).toMatch(/^"consumer";r=0;t=3[56]\d\d$/);
    }
    const free = await rest(rig.url, b.key);
    expect(Object.keys(free.headers).filter((name) => name.startsWith('ratelimit'))).toEqual([]);
  });

  it('is said on a stream as well', async () => {
    await using rig = await startRig(limited({ calls: '9/h' }));
    const session = await openLegacySession(`${rig.url}/mcp`, { headers: bearer(a.key) });
    const answer = await session.call('tools/call', { name: 'one__progress', arguments: { steps: 2 } });
    expect(answer.headers.ratelimit).toMatch(/^"consumer";r=\d;t=\d+$/);
  });
});

describe('rates of servers and tools', () => {
  it('hold for all consumers together, over every name of the tool', async () => {
    const { command, args } = chaosServer();
    const one = { command, args: [...args], limits: { tools: { echo: '2/h' } } };
    await using rig = await startRig({ ...limited({}), servers: { one } });
    const call = (key: string, path: string, name: string): Promise<HttpAnswer> =>
      callModern(`${rig.url}${path}/mcp`, 'tools/call', { name, arguments: {} }, { headers: bearer(key) });
    expect((await call(a.key, '', 'one__echo')).status).toBe(200);
    expect((await call(b.key, '/servers/one', 'echo')).status).toBe(200);
    for (const refused of [
      await call(a.key, '', 'one__echo'),
      await call(b.key, '/servers/one', 'echo'),
      await rest(rig.url, b.key, '/tools/one__echo/call', {}),
    ]) {
      expect(refused.status).toBe(429);
      expect(refused.text).toContain('at most 2 in an hour of this tool');
    }
    expect((await call(a.key, '', 'one__crash_never')).status).not.toBe(429);
    expect((await rest(rig.url, a.key)).status).toBe(200);
  });
});

it('a call above `concurrent` waits where it may', async () => {
  await using rig = await startRig(limited({ concurrent: 1, waiting: 1 }));
  const underWay = countRequests(rig);
  await using hanging = hang(rig.url);
  await expect.poll(underWay, { timeout: 15_000 }).toBe(1);
  const waiting = rest(rig.url, a.key);
  await expect.poll(underWay, { timeout: 15_000 }).toBe(2);
  expect((await rest(rig.url, a.key)).status).toBe(429);
  await hanging.leave();
  expect((await waiting).status).toBe(200);
});

it('streams have the bounds of their consumer', async () => {
  await using rig = await startRig(limited({ streams: 1 }));
  const open = (key: string) =>
    openExchange(`${rig.url}/sse`, { headers: { accept: 'text/event-stream', ...bearer(key) } });
  const first = await open(a.key);
  const second = await open(a.key);
  expect([first.status, second.status]).toEqual([200, 429]);
  const others = [await open(b.key), await open(b.key)];
  expect(others.map(({ status }) => status)).toEqual([200, 200]);
  for (const stream of [first, second, ...others]) stream.close();
});

it('a session above those of its consumer takes the place of its longest idle one, and of nobody else’s', async () => {
  await using rig = await startRig(limited({ sessions: 1 }));
  const open = (key: string) => openLegacySession(`${rig.url}/mcp`, { headers: bearer(key) });
  const [other, first] = [await open(b.key), await open(a.key)];
  const second = await open(a.key);
  expect((await first.call('ping')).status).toBe(404);
  expect([(await second.call('ping')).status, (await other.call('ping')).status]).toEqual([200, 200]);
});

it('an address has its limit before anything of a request is looked at, and guessing uses it up', async () => {
  await using rig = await startRig({ ...limited({}), limits: { addresses: '100/h' } });
  // 100/h lets 10 come at once: each wrong key is worth more than that.
  expect((await rest(rig.url, 'hk_wrong')).status).toBe(401);
  const refused = await rest(rig.url, a.key);
  expect([refused.status, Number(refused.headers['retry-after']) > 30]).toEqual([429, true]);
  const mcp = await callModern(`${rig.url}/mcp`, 'ping', {}, { headers: bearer(a.key) });
  expect(mcp).toMatchObject({ status: 429, headers: { 'content-type': 'application/json' } });
  expect(mcp.messages[0]).toMatchObject({ error: { code: -32_015, data: { code: 'LIMIT_EXCEEDED' } } });
  const health = await exchange(`${rig.url}/livez`);
  expect(health.status).toBe(429);
});

it('guessing costs as much where strangers may ask as well, and asking there as a stranger nothing more', async () => {
  await using rig = await startRig({ ...limited({}), limits: { addresses: '100/h' } });
  for (const path of ['/livez', '/healthz']) {
    // oxlint-disable-next-line no-await-in-loop -- one after another
    expect((await exchange(`${rig.url}${path}`)).status).toBe(200);
  }
  expect((await exchange(`${rig.url}/healthz`, { headers: bearer('hk_wrong') })).status).toBe(200);
  expect((await exchange(`${rig.url}/healthz`)).status).toBe(429);
});
