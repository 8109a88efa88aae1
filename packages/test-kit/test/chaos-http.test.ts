import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  callModern,
  chaosServer,
  exchange,
  initializeRequest,
  openExchange,
  openLegacySession,
  startProcess,
} from '../src/index.ts';
import type { HttpAnswer, RunningProcess } from '../src/index.ts';

let server: RunningProcess;
let base: string;

beforeAll(async () => {
  const { command, args } = chaosServer('--http', '--era', 'dual');
  server = await startProcess(command, args, { waitFor: /"url"/ });
  base = (JSON.parse(server.firstLine) as { url: string }).url;
});

afterAll(() => server.stop());

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const post = (path: string): Promise<HttpAnswer> => exchange(`${base}${path}`, { body: ping });

describe('faults of the HTTP chaos server', () => {
  it('answers as JSON, as event stream, and in both eras', async () => {
    expect((await post('/ok-json')).messages).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
    const stream = await post('/ok-sse');
    expect(stream.events).toHaveLength(1);
    expect(stream.messages).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
    const discovered = await callModern(`${base}/ok-json`, 'server/discover');
    expect(discovered.messages[0]?.result).toMatchObject({ supportedVersions: ['2026-07-28'] });
  });

  it.each([
    ['/redirect?to=/elsewhere&status=308', 308],
    ['/unauthorized', 401],
    ['/status?code=503', 503],
    ['/no-such-fault', 404],
  ])('%s is answered with %i', async (path, status) => {
    expect((await post(path)).status).toBe(status);
  });

  it('says where to go and how to sign in', async () => {
    expect((await post('/redirect?to=http://other.example/')).headers.location).toBe('http://other.example/');
    expect((await post('/unauthorized')).headers['www-authenticate']).toContain('resource_metadata=');
  });

  it('meets only the method that is meant', async () => {
    const url = `${base}/status?code=500&on=tools/call`;
    const session = await openLegacySession(url);
    expect((await session.call('tools/list')).status).toBe(200);
    expect((await session.call('tools/call', { name: 'echo' })).status).toBe(500);
  });

  it('forgets a session after so many requests', async () => {
    const session = await openLegacySession(`${base}/session-gone?after=1`);
    expect(session.id).toBeDefined();
    expect((await session.call('tools/list')).status).toBe(200);
    expect((await session.call('tools/list')).status).toBe(404);
    expect((await openLegacySession(`${base}/session-gone?after=1`)).id).not.toBe(session.id);
  });

  it('hangs before the head and after it', async () => {
    await expect(exchange(`${base}/hang`, { body: ping, timeout: 200 })).rejects.toThrow('silent for 200 ms');
    // Long enough for the head of another process to come in time on a busy machine.
    await using open = await openExchange(`${base}/hang-body`, { body: ping, timeout: 3_000 });
    expect(open.status).toBe(200);
    await expect(open.nextEvent()).rejects.toThrow('silent for 3000 ms');
  });

  it('breaks off in the middle of a body', async () => {
    await expect(post('/reset')).rejects.toThrow(/ECONNRESET|aborted/);
  });

  it('sends what is too much', async () => {
    expect((await post('/huge?bytes=1000000')).text.length).toBeGreaterThanOrEqual(1_000_000);
    const bomb = await post('/bomb?bytes=1000000');
    expect(bomb.headers['content-encoding']).toBe('gzip');
    expect(bomb.text.length).toBeLessThan(10_000);
    await using endless = await openExchange(`${base}/endless-sse?bytes=10`, { body: ping });
    for (let index = 0; index < 50; index += 1) await endless.nextEvent();
  });

  it('sends what is no proper answer', async () => {
    expect((await post('/wrong-content-type')).headers['content-type']).toBe('text/html');
    expect((await post('/not-json')).messages).toEqual([]);
    expect((await post('/sse-cut')).events).toEqual([{ id: '1', data: '' }]);
    await using open = await openExchange(`${base}/sse-no-terminator`, { body: ping, timeout: 3_000 });
    await expect(open.nextEvent()).rejects.toThrow('silent for 3000 ms');
  });

  it('shows what was sent to it', async () => {
    const headers = { 'x-canary': 'tweet', 'content-type': 'application/json' };
    await exchange(`${base}/ok-json?seen`, { headers, body: initializeRequest(1) });
    const seen = JSON.parse((await exchange(`${base}/requests`)).text) as {
      url: string;
      rpc: string;
      headers: string[];
    }[];
    const mine = seen.filter(({ url }) => url.endsWith('?seen'));
    expect(mine).toHaveLength(1);
    expect(mine[0]?.rpc).toBe('initialize');
    expect(mine[0]?.headers).toEqual(expect.arrayContaining(['x-canary', 'tweet']));
  });
});
