import { describe, expect, it } from 'vitest';
import { callModern, exchange } from '@hostler/test-kit';
import type { HttpAnswer, WireMessage } from '@hostler/test-kit';
import { bearer, faces, newKey, startRig } from './support/consumers-rig.ts';
import type { Settings } from './support/consumers-rig.ts';

const a = newKey();
const b = newKey();
const limited = (limits: { calls?: string; concurrent?: number }, more: object = {}): Settings => ({
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

it('a place is free again when its call is answered or given up', async () => {
  await using rig = await startRig(limited({ concurrent: 1 }));
  const { host } = rig.runtime;
  const dispatch = host.dispatch.bind(host);
  let underWay = 0;
  host.dispatch = (asked) => {
    const outcome = dispatch(asked);
    if (asked.request.method === 'tools/call') underWay += 1;
    return outcome;
  };
  const leaving = new AbortController();
  const hanging = fetch(`${rig.url}/v1/tools/one__hang/call`, {
    method: 'POST',
    headers: { ...bearer(a.key), 'content-type': 'application/json' },
    body: '{}',
    signal: leaving.signal,
  }).catch(() => undefined);
  await expect.poll(() => underWay).toBe(1);
  const refused = await rest(rig.url, a.key);
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
  expect((await rest(rig.url, b.key)).status).toBe(200);
  leaving.abort();
  await hanging;
  await expect.poll(async () => (await rest(rig.url, a.key)).status).toBe(200);
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
