import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { connect } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { toPlan } from '@hostler/config';
import type { ConfigFile } from '@hostler/config';
import { createRuntime } from '@hostler/runtime';
import type { Runtime } from '@hostler/runtime';
import {
  alive,
  callModern,
  chaosServer,
  descendants,
  exchange,
  initializeRequest,
  openLegacySession,
  sendBytes,
  temporaryDirectory,
} from '@hostler/test-kit';
import type { HttpAnswer } from '@hostler/test-kit';
import { defaultServerLimits, listen } from '../src/index.ts';
import type { Listening, ListenOptions } from '../src/index.ts';

const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
const open: { runtime: Runtime; listening?: Listening }[] = [];

afterEach(async () => {
  for (const { runtime, listening } of open.splice(0)) {
    await listening?.close(0);
    await runtime.close();
  }
});

type Servers = ConfigFile['servers'];

async function makeRuntime(servers: Servers): Promise<Runtime> {
  const plan = toPlan({ servers, log: { level: 'error' } }, { source: '/hostler.yaml' });
  const runtime = await createRuntime({ plan, environment: process.env, logDestination: silent });
  open.push({ runtime });
  return runtime;
}

async function serve(
  servers: Servers,
  options: Partial<ListenOptions> = {},
): Promise<{ runtime: Runtime; listening: Listening; url: string }> {
  const runtime = await makeRuntime(servers);
  const listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false, ...options });
  open.push({ runtime, listening });
  return { runtime, listening, url: listening.url };
}

function chaos(...parameters: string[]): Servers[string] {
  const { command, args } = chaosServer(...parameters);
  return { command, args: [...args] };
}

/** A server that does not start before this file is there. */
function startsWith(gate: string): Servers[string] {
  const { command, args } = chaosServer();
  const wait = 'until [ -e "$0" ]; do sleep 0.05; done; exec "$@"';
  return { command: 'sh', args: ['-c', wait, gate, command, ...args] };
}

function json(answer: HttpAnswer): unknown {
  return JSON.parse(answer.text);
}

describe('the probes', () => {
  it('tell the truth from the first moment to the last', async () => {
    await using folder = await temporaryDirectory();
    const gate = join(folder.path, 'gate');
    const { runtime, url } = await serve({ one: { ...startsWith(gate), required: true } });
    const started = runtime.start();
    const early = await exchange(`${url}/readyz`);
    expect(early.status).toBe(503);
    expect(early.headers['retry-after']).toBe('1');
    expect(json(early)).toMatchObject({ status: 'not ready', phase: 'starting', waitingFor: ['one'] });
    expect(json(await exchange(`${url}/healthz`))).toMatchObject({ status: 'starting' });
    expect((await exchange(`${url}/livez`)).status).toBe(200);
    await writeFile(gate, '');
    await started;
    const ready = await exchange(`${url}/readyz`);
    expect([ready.status, json(ready)]).toEqual([
      200,
      {
        status: 'ready',
        phase: 'running',
        waitingFor: [],
        servers: [{ name: 'one', status: 'up' }],
        configuration: { generation: 1 },
        secrets: { stale: [], failing: [], rotations: [] },
      },
    ]);
  });

  it('name the required server that is down, and stay alive', async () => {
    const { runtime, url } = await serve({ one: { command: '/nonexistent/program', required: true } });
    await runtime.start();
    const ready = await exchange(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(json(ready)).toMatchObject({ phase: 'running', waitingFor: ['one'] });
    const health = await exchange(`${url}/health`);
    expect(health.status).toBe(200);
    expect(json(health)).toMatchObject({ status: 'degraded' });
    expect(ready.text + health.text).not.toContain('nonexistent');
  });

  it.each(['/livez', '/healthz', '/health', '/readyz'])('%s answers GET and HEAD only', async (path) => {
    const { url } = await serve({});
    const refused = await exchange(url + path, { method: 'POST', body: {} });
    expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect((await exchange(url + path, { method: 'HEAD' })).text).toBe('');
  });
});

describe('problems', () => {
  it('are documents of RFC 9457 with a code and an id, and nothing of the inside', async () => {
    const { url } = await serve({});
    const answer = await exchange(`${url}/nothing/here`);
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'application/problem+json']);
    expect(json(answer)).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: expect.stringContaining('/mcp') as string,
      code: 'API_NOT_FOUND',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  it.each(['/livez', '/readyz', '/nothing', '/mcp', '/servers/one/mcp'])(
    '%s refuses a foreign Host and Origin',
    async (path) => {
      const { url } = await serve({ one: chaos() });
      const host = await exchange(url + path, { headers: { host: 'evil.example' } });
      expect([host.status, (json(host) as { code: string }).code]).toEqual([403, 'HTTP_HOST_REFUSED']);
      const origin = await exchange(url + path, { headers: { origin: 'https://evil.example' } });
      expect([origin.status, (json(origin) as { code: string }).code]).toEqual([403, 'HTTP_ORIGIN_REFUSED']);
    },
  );

  it('carry headers that keep browsers from using them', async () => {
    const { url } = await serve({});
    for (const path of ['/livez', '/nothing']) {
      expect((await exchange(url + path)).headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
      });
    }
  });
});

describe('the MCP paths', () => {
  it('serve all servers under public names and one under its own', async () => {
    const { runtime, url } = await serve({ one: chaos(), two: chaos() });
    await runtime.start();
    const all = await callModern(`${url}/mcp`, 'tools/call', { name: 'two__echo', arguments: { a: 1 } });
    expect(all.messages.at(-1)?.result).toMatchObject({ structuredContent: { a: 1 } });
    const session = await openLegacySession(`${url}/servers/one/mcp`);
    const one = await session.call('tools/call', { name: 'echo', arguments: { b: 2 } });
    expect(one.messages.at(-1)?.result).toMatchObject({ structuredContent: { b: 2 } });
  });

  it('answer 404 for a server that is not there', async () => {
    const { url } = await serve({ one: chaos() });
    const answer = await callModern(`${url}/servers/three/mcp`, 'tools/list');
    expect(answer.status).toBe(404);
    expect(answer.messages.at(-1)?.error?.data).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });

  it('let a client of the whole host wait until servers that are starting can be listed', async () => {
    const { runtime, url } = await serve({ one: chaos('--start-delay=400') });
    const asked = callModern(`${url}/mcp`, 'tools/list');
    void runtime.start();
    expect((await asked).text).toContain('"one__echo"');
  });
});

describe('the address', () => {
  it.each(['0.0.0.0', '::', '10.1.2.3'])('%s is refused: no caller would be asked who they are', async (host) => {
    const runtime = await makeRuntime({});
    const attempt = listen(runtime, { host, port: 0, fallback: true });
    await expect(attempt).rejects.toMatchObject({ code: 'API_OPEN_BIND' });
  });

  it('that is taken is an error, or the next free one with fallback', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const runtime = await makeRuntime({});
    try {
      await expect(listen(runtime, { host: '127.0.0.1', port, fallback: false })).rejects.toMatchObject({
        code: 'API_PORT_IN_USE',
        details: { port },
      });
      const { listening } = await serve({}, { port, fallback: true });
      expect(listening.port).toBeGreaterThan(port);
      expect((await exchange(`${listening.url}/livez`)).status).toBe(200);
    } finally {
      taken.close();
    }
  });
});

describe('the limits of a connection', () => {
  const fast = { ...defaultServerLimits, headersTimeout: 200, requestTimeout: 300, checkInterval: 50 };

  it('end one whose headers do not arrive', async () => {
    const { url } = await serve({}, { limits: fast });
    expect(await sendBytes(url, 'GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')).toContain('408 Request Timeout');
  });

  it('end one whose body does not arrive', async () => {
    const { url } = await serve({ one: chaos() }, { limits: fast });
    const head =
      'POST /servers/one/mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
    expect(await sendBytes(url, head)).toContain('408 Request Timeout');
  });

  it('leave a call and a stream alone that take longer than a request may take to arrive', async () => {
    // Longer, so that a busy machine gets the requests themselves through in that time.
    const limits = { ...fast, headersTimeout: 1_500, requestTimeout: 2_000 };
    const { runtime, url } = await serve({ one: chaos() }, { limits });
    await runtime.start();
    const session = await openLegacySession(`${url}/servers/one/mcp`);
    await using stream = await session.listen();
    const slow = await session.call('tools/call', { name: 'slow', arguments: { ms: 4_000 } });
    expect(slow.messages.at(-1)?.result).toMatchObject({ content: [{ text: 'slow' }] });
    await session.call('tools/call', { name: 'list-changed', arguments: {} });
    expect(await stream.nextMessage()).toMatchObject({ method: 'notifications/tools/list_changed' });
  });

  it('refuse headers beyond 16 KiB', async () => {
    const { url } = await serve({});
    const head = (bytes: number): string => {
      const [start, end] = ['GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Big: ', '\r\n\r\n'];
      return `${start}${'x'.repeat(bytes - start.length - end.length)}${end}`;
    };
    expect(await sendBytes(url, head(16 * 1024))).toContain('200');
    // What stands between names and values is not counted.
    expect(await sendBytes(url, head(16 * 1024 + 64))).toContain('431');
  });

  it('refuse one connection too many, and take it when another has gone', async () => {
    const { listening, url } = await serve({}, { limits: { ...defaultServerLimits, connections: 1 } });
    const first = connect(listening.port, '127.0.0.1');
    await once(first, 'connect');
    await expect(exchange(`${url}/livez`)).rejects.toThrow(/socket hang up|ECONNRESET/);
    first.end('GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    first.resume();
    await once(first, 'close');
    expect((await exchange(`${url}/livez`)).status).toBe(200);
  });
});

describe('closing', () => {
  it('lets a call finish, answers probes meanwhile, ends idle connections, and leaves no process behind', async () => {
    const { runtime, listening, url } = await serve({ one: chaos() });
    await runtime.start();
    const [child] = descendants(process.pid).filter(alive);
    const idle = connect(listening.port, '127.0.0.1');
    idle.write('GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await once(idle, 'data');
    const session = await openLegacySession(`${url}/servers/one/mcp`);
    // Long enough for all that is asked meanwhile.
    const call = session.call('tools/call', { name: 'slow', arguments: { ms: 5_000 } });
    // The call is under way when the server has counted it.
    await expect
      .poll(async () => JSON.stringify((await session.call('tools/call', { name: 'stats', arguments: {} })).messages), {
        timeout: 15_000,
      })
      .toContain('slow');
    const closed = listening.close(30_000);
    await once(idle, 'close');
    const ready = await exchange(`${url}/readyz`);
    expect([ready.status, ready.headers.connection]).toEqual([503, 'close']);
    expect(json(ready)).toMatchObject({ status: 'not ready', phase: 'stopping' });
    expect((await exchange(`${url}/livez`)).status).toBe(200);
    expect(json(await exchange(`${url}/health`))).toMatchObject({ status: 'stopping' });
    expect((await callModern(`${url}/mcp`, 'tools/list')).status).toBe(503);
    expect((await call).messages.at(-1)?.result).toMatchObject({ content: [{ text: 'slow' }] });
    await closed;
    await expect(exchange(`${url}/livez`)).rejects.toThrow('ECONNREFUSED');
    expect(child === undefined || !alive(child)).toBe(true);
  });

  it('sends an answer to its end that has begun, however large', async () => {
    const { runtime, listening, url } = await serve({ one: chaos() });
    await runtime.start();
    const session = await openLegacySession(`${url}/servers/one/mcp`);
    const bytes = 6 * 1024 * 1024;
    const answer = await session.open('tools/call', { name: 'huge', arguments: { bytes } });
    const closed = listening.close();
    expect((await answer.finish()).text.length).toBeGreaterThan(bytes);
    await closed;
  });

  it('does not wait for a connection that was kept open after the last answer', async () => {
    const { runtime, listening } = await serve({ one: chaos() });
    await runtime.start();
    const kept = connect(listening.port, '127.0.0.1');
    const body = JSON.stringify(initializeRequest(1));
    const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream`;
    kept.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await once(kept, 'data');
    const started = performance.now();
    await Promise.all([listening.close(90_000), once(kept, 'close')]);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('waits no longer when it is asked a second time', async () => {
    const { runtime, listening, url } = await serve({ one: chaos() });
    await runtime.start();
    const session = await openLegacySession(`${url}/servers/one/mcp`);
    const call = session.call('tools/call', { name: 'hang', arguments: {} }).catch((error: unknown) => error);
    await expect
      .poll(async () => JSON.stringify((await session.call('tools/call', { name: 'stats', arguments: {} })).messages), {
        timeout: 15_000,
      })
      .toContain('hang');
    const started = performance.now();
    const first = listening.close(60_000);
    await listening.close(0);
    await first;
    expect(performance.now() - started).toBeLessThan(10_000);
    await call;
  });
});
