import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Connection } from '../../src/connection.ts';
import { connectHttp, DrivenClock, contextFor, exchangeOf, failureOf } from './support/context.ts';
import type { ContextOptions } from './support/context.ts';
import { RawServer, errorOf, notification, openEvents, resultOf, sendEvent, sendJson } from './support/raw-server.ts';
import type { Respond } from './support/raw-server.ts';
import { startLegacy, startModern } from './support/scripted-servers.ts';

const call = () => exchangeOf('tools/call', { name: 'x' });
const list = () => exchangeOf('tools/list');

async function failing(respond: Respond, options: Partial<ContextOptions> = {}) {
  const server = await startLegacy({ call: respond });
  const connection = await connectHttp(contextFor({ ...options, url: server.url }));
  return {
    server,
    connection,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('a server that does not answer', () => {
  test('in time: the call fails, the server is told, other calls go on, and a late answer goes nowhere', async () => {
    const held = Promise.withResolvers<() => void>();
    const clock = new DrivenClock();
    await using setup = await failing(
      (received, response) => {
        if (received.message.method === 'tools/list') return sendJson(response, resultOf(received, {}));
        held.resolve(() => sendJson(response, resultOf(received, { late: true })));
      },
      { clock, callTimeout: 333 },
    );
    const { connection, server } = setup;
    const failure = failureOf(connection.request(call()));
    const answerLate = await held.promise;
    await clock.pass((delay) => delay === 333);
    expect(await failure).toEqual({ code: 'UPSTREAM_TIMEOUT', server: 'raw', mayHaveRun: true });
    const cancelled = await server.next('notifications/cancelled');
    const asked = await server.next('tools/call');
    expect(cancelled.message.params).toEqual({ requestId: asked.message.id });
    expect(cancelled.headers['mcp-session-id']).toBe('session-1');
    answerLate();
    expect((await connection.request(list())).payload.value()).toEqual({});
  });

  test('a read that timed out did not change anything', async () => {
    const clock = new DrivenClock();
    await using setup = await failing(() => {}, { clock, callTimeout: 333 });
    const failure = failureOf(setup.connection.request(list()));
    await setup.server.next('tools/list');
    await clock.pass((delay) => delay === 333);
    expect(await failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT', mayHaveRun: false });
  });

  test('a call that its client cancels is rejected with the reason, and the server is told', async () => {
    await using setup = await failing(() => {});
    const controller = new AbortController();
    const outcome = setup.connection.request(exchangeOf('tools/call', { name: 'x' }, { signal: controller.signal }));
    await setup.server.next('tools/call');
    const reason = new Error('the client went away');
    controller.abort(reason);
    await expect(outcome).rejects.toBe(reason);
    await setup.server.next('notifications/cancelled');
  });

  test('a cancellation that the server does not take is given up', async () => {
    const clock = new DrivenClock();
    await using setup = await failing(() => {}, { clock });
    const { server, connection } = setup;
    const answer = server.respond;
    server.respond = (received, response) => {
      if (received.message.method !== 'notifications/cancelled') answer(received, response);
    };
    const controller = new AbortController();
    const outcome = connection.request(exchangeOf('tools/call', { name: 'x' }, { signal: controller.signal }));
    await server.next('tools/call');
    controller.abort(new Error('gone'));
    await expect(outcome).rejects.toThrow('gone');
    await server.next('notifications/cancelled');
    clock.timers.all.findLast(({ delay }) => delay === 10_000)?.fire();
    await server.dropped.next(({ message }) => message.method === 'notifications/cancelled');
  });

  test('a call cancelled before it began is never sent', async () => {
    await using setup = await failing(() => {});
    const reason = new Error('too late');
    const outcome = setup.connection.request(exchangeOf('tools/call', {}, { signal: AbortSignal.abort(reason) }));
    await expect(outcome).rejects.toBe(reason);
    expect(setup.server.count('tools/call')).toBe(0);
  });
});

describe('a connection that breaks', () => {
  const cut: Respond = (_, response) => void response.socket?.resetAndDestroy();

  test.each([
    ['a call may have run', call, true],
    ['a read did nothing', list, false],
  ])('before the answer: %s', async (_, exchange, mayHaveRun) => {
    await using setup = await failing(cut);
    const failure = await failureOf(setup.connection.request(exchange()));
    expect(failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun });
    expect(setup.server.count(exchange().request.method)).toBe(1);
  });

  test.each([
    ['a body', { 'content-type': 'application/json', 'content-length': '1000' }, '{"jsonrpc":'],
    ['an event stream without ids', { 'content-type': 'text/event-stream' }, 'data: {"jsonrpc"'],
  ])('within %s: the call may have run', async (_, headers, text) => {
    await using setup = await failing((_received, response) => {
      response.writeHead(200, headers);
      response.write(text, () => response.socket?.resetAndDestroy());
    });
    expect(await failureOf(setup.connection.request(call()))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      mayHaveRun: true,
    });
  });

  test('an event stream that ends without an answer and without ids', async () => {
    await using setup = await failing((_, response) => {
      openEvents(response);
      response.end();
    });
    expect(await failureOf(setup.connection.request(call()))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      mayHaveRun: true,
    });
  });

  test('a refused connection: nothing has run, and the connection works again when the server is back', async () => {
    const server = await startLegacy();
    const context = contextFor({ url: server.url });
    const connection = await connectHttp(context);
    const { port } = server;
    await server[Symbol.asyncDispose]();
    // The first one may still find the socket that the server is about to close.
    await failureOf(connection.request(list()));
    expect(await failureOf(connection.request(call()))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      mayHaveRun: false,
      problem: expect.stringContaining('refuses connections'),
    });
    await server.listen(port);
    expect((await connection.request(call())).kind).toBe('result');
    expect(context.closed.all).toEqual([]);
    await connection.close();
    await server[Symbol.asyncDispose]();
  });

  test('closing the connection ends what is under way', async () => {
    await using setup = await failing(() => {});
    const failure = failureOf(setup.connection.request(call()));
    await setup.server.next('tools/call');
    await setup.connection.close();
    expect(await failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true });
    expect(await failureOf(setup.connection.request(call()))).toMatchObject({ mayHaveRun: false });
    await setup.connection.close();
  });
});

describe('an answer that is none', () => {
  const bodies: [string, string | Buffer, string, number][] = [
    ['half of an object', '{"jsonrpc":"2.0","id":1,"result":{', 'application/json', 200],
    ['an array', '[]', 'application/json', 200],
    ['no JSON', 'SECRET WORDS', 'application/json', 200],
    ['no UTF-8', Buffer.from('{"jsonrpc":"2.0","id":9,"result":{"a":"\xff"}}', 'latin1'), 'application/json', 200],
    ['neither result nor error', '{"jsonrpc":"2.0","id":3}', 'application/json', 200],
    ['a page', '<p>SECRET WORDS</p>', 'text/html', 200],
    ['an acknowledgement', '', 'text/plain', 202],
    ['a page of a wrong path', '<p>SECRET WORDS</p>', 'text/html', 405],
    ['an event without a message', 'data: SECRET WORDS\n\n', 'text/event-stream', 200],
  ];
  test.each(bodies)('%s', async (_, body, type, status) => {
    await using setup = await failing((_received, response) => {
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    });
    const thrown = await setup.connection.request(call()).catch((error: unknown) => error as Error);
    expect(thrown).toMatchObject({ code: 'UPSTREAM_PROTOCOL', details: { server: 'raw' } });
    expect(JSON.stringify(thrown)).not.toContain('SECRET');
  });

  test('an answer to another request', async () => {
    await using setup = await failing((received, response) => {
      sendJson(response, { jsonrpc: '2.0', id: Number(received.message.id) + 1, result: {} });
    });
    expect(await failureOf(setup.connection.request(call()))).toMatchObject({
      code: 'UPSTREAM_PROTOCOL',
      mayHaveRun: true,
    });
  });

  test('an encoded answer, of which nothing is decoded', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024));
    await using setup = await failing((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(bomb);
    });
    expect(await failureOf(setup.connection.request(call()))).toMatchObject({
      code: 'UPSTREAM_PROTOCOL',
      problem: expect.stringContaining('encoded'),
    });
    expect((await setup.server.next('tools/call')).headers['accept-encoding']).toBe('identity');
  });

  test('refused credentials, in the form of a message', async () => {
    await using setup = await failing((received, response) => sendJson(response, errorOf(received, -32000), 401));
    expect(await failureOf(setup.connection.request(call()))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      problem: expect.stringContaining('credentials'),
    });
  });

  test('a redirect is not followed', async () => {
    await using elsewhere = await RawServer.start((received, response) => sendJson(response, resultOf(received, {})));
    await using setup = await failing((_, response) => {
      response.writeHead(307, { location: elsewhere.url });
      response.end();
    });
    expect(await failureOf(setup.connection.request(call()))).toMatchObject({
      code: 'UPSTREAM_PROTOCOL',
      mayHaveRun: false,
      problem: expect.stringContaining('set its url to the final address'),
    });
    expect(elsewhere.received.all).toEqual([]);
  });

  test.each([
    [401, 'UPSTREAM_UNAVAILABLE', false],
    [403, 'UPSTREAM_UNAVAILABLE', false],
    [429, 'UPSTREAM_UNAVAILABLE', false],
    [503, 'UPSTREAM_UNAVAILABLE', true],
  ])('status %s', async (status, code, mayHaveRun) => {
    await using setup = await failing((_, response) => {
      response.writeHead(status, { 'content-type': 'text/plain' });
      response.end('SECRET WORDS');
    });
    expect(await failureOf(setup.connection.request(call()))).toMatchObject({ code, mayHaveRun });
  });
});

describe('an answer that is too large', () => {
  const limit = 4_096;
  const fill = (id: unknown, size: number) => {
    const empty = JSON.stringify({ jsonrpc: '2.0', id, result: { text: '' } });
    return JSON.stringify({ jsonrpc: '2.0', id, result: { text: 'x'.repeat(size - empty.length) } });
  };

  test.each([
    ['a body', 'application/json', (text: string) => text],
    ['an event', 'text/event-stream', (text: string) => `data: ${text}\n\n`],
  ])('%s passes at the limit and fails one byte beyond', async (_, type, frame) => {
    let size = limit;
    await using setup = await failing(
      (received, response) => {
        response.writeHead(200, { 'content-type': type, 'transfer-encoding': 'chunked' });
        response.end(frame(fill(received.message.id, size)));
      },
      { messageBytes: limit },
    );
    expect((await setup.connection.request(call())).kind).toBe('result');
    size = limit + 1;
    expect(await failureOf(setup.connection.request(call()))).toEqual({
      code: 'UPSTREAM_RESULT_TOO_LARGE',
      server: 'raw',
      limit,
      mayHaveRun: true,
    });
    size = limit;
    expect((await setup.connection.request(call())).kind).toBe('result');
  });

  test('a body that announces its size is refused before it is read', async () => {
    await using setup = await failing(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(limit + 1) });
        response.write('{');
      },
      { messageBytes: limit },
    );
    expect(await failureOf(setup.connection.request(call()))).toMatchObject({ code: 'UPSTREAM_RESULT_TOO_LARGE' });
    await setup.server.dropped.next();
  });
});

describe('bounds on what is under way', () => {
  test.each([
    ['legacy', startLegacy],
    ['modern', (script: { call: Respond }) => startModern(script.call)],
  ])('of a %s connection', async (_, start) => {
    const release: (() => void)[] = [];
    await using server = await start({
      call: (received, response) => void release.push(() => sendJson(response, resultOf(received, {}))),
    });
    const connection: Connection = await connectHttp(contextFor({ url: server.url, inFlight: 2 }));
    const running = [connection.request(list()), connection.request(list())];
    await server.next('tools/list');
    await server.next('tools/list');
    expect(await failureOf(connection.request(list()))).toMatchObject({ code: 'UPSTREAM_OVERLOADED' });
    for (const go of release) go();
    await Promise.all(running);
    const again = connection.request(list());
    await server.next('tools/list');
    release.at(-1)?.();
    expect((await again).kind).toBe('result');
    await connection.close();
  });
});

test('a call that waits for a socket has not run, when it times out and when the connection is closed', async () => {
  const clock = new DrivenClock();
  const sockets = 128;
  await using setup = await failing(() => {}, { clock, callTimeout: 333, inFlight: 200 });
  const { connection, server } = setup;
  const failures = Array.from({ length: sockets + 2 }, () => failureOf(connection.request(call())));
  for (let index = 0; index < sockets; index++) {
    // oxlint-disable-next-line no-await-in-loop -- they all have to be there
    await server.next('tools/call');
  }
  const deadlines = clock.timers.all.filter(({ delay }) => delay === 333);
  deadlines.at(-2)?.fire();
  expect(await failures.at(-2)).toMatchObject({ code: 'UPSTREAM_TIMEOUT', mayHaveRun: false });
  await connection.close();
  expect(await failures.at(-1)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: false });
  expect(await failures[0]).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true });
  expect(server.count('tools/call')).toBe(sockets);
  expect(server.count('notifications/cancelled')).toBe(0);
});

test('a server that takes connections and says nothing ends at the deadline of the start', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/mcp`;
  const signal = AbortSignal.timeout(50);
  const thrown: unknown = await connectHttp(contextFor({ url, signal })).catch((error: unknown) => error);
  expect(signal.aborted).toBe(true);
  expect(thrown).toBe(signal.reason);
  silent.close();
});

describe('an event stream with ids that breaks', () => {
  test('is taken up after the last event, when the server asked to wait', async () => {
    const clock = new DrivenClock();
    await using server = await startLegacy({
      call: (_, response) => {
        openEvents(response);
        response.end('id: e-1\nretry: 4321\ndata: \n\n');
      },
      stream: (received, response) => {
        if (received.headers['last-event-id'] === undefined) return void response.writeHead(405).end();
        openEvents(response);
        const asked = server.received.all.find(({ message }) => message.method === 'tools/call');
        if (received.headers['last-event-id'] === 'e-1') {
          sendEvent(response, notification('notifications/message', { data: 'between' }), 'e-2');
        } else if (asked) sendEvent(response, resultOf(asked, { polled: true }), 'e-3');
        response.end();
      },
    });
    const connection = await connectHttp(contextFor({ url: server.url, clock, callTimeout: 60_000 }));
    const exchange = call();
    const outcome = connection.request(exchange);
    await clock.pass((delay) => delay === 4321);
    await clock.pass((delay) => delay === 4321);
    expect((await outcome).payload.value()).toEqual({ polled: true });
    expect(exchange.notified.all).toEqual([{ method: 'notifications/message', params: { data: 'between' } }]);
    expect(server.count('tools/call')).toBe(1);
    await connection.close();
  });

  test.each([
    ['does not know it any more', 400],
    ['is busy five times', 503],
  ])('fails the call when the server %s', async (_, status) => {
    const clock = new DrivenClock();
    await using server = await startLegacy({
      call: (_received, response) => {
        openEvents(response);
        response.end('id: e-1\nretry: 4321\ndata:\n\n');
      },
      stream: (received, response) =>
        void response.writeHead(received.headers['last-event-id'] === undefined ? 405 : status).end(),
    });
    const connection = await connectHttp(contextFor({ url: server.url, clock, callTimeout: 60_000 }));
    const failure = failureOf(connection.request(call()));
    for (let attempt = 0; attempt < (status === 503 ? 5 : 1); attempt++) {
      // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
      await clock.pass((delay) => delay === 4321);
    }
    expect(await failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true });
    await connection.close();
  });

  test('ends with the connection', async () => {
    const clock = new DrivenClock();
    await using server = await startLegacy({
      call: (_received, response) => {
        openEvents(response);
        response.end('id: e-1\nretry: 4321\ndata:\n\n');
      },
    });
    const connection = await connectHttp(contextFor({ url: server.url, clock, callTimeout: 60_000 }));
    const failure = failureOf(connection.request(call()));
    await clock.timers.next(({ delay }) => delay === 4321);
    await connection.close();
    expect(await failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true });
  });

  test('is not taken up after the deadline of the call', async () => {
    const clock = new DrivenClock();
    await using server = await startLegacy({
      call: (_, response) => {
        openEvents(response);
        response.end('id: e-1\nretry: 4321\ndata:\n\n');
      },
    });
    const connection = await connectHttp(contextFor({ url: server.url, clock, callTimeout: 333 }));
    const failure = failureOf(connection.request(call()));
    const pause = await clock.timers.next(({ delay }) => delay === 4321);
    await clock.pass((delay) => delay === 333);
    expect(await failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT', mayHaveRun: true });
    pause.fire();
    await connection.close();
    expect(server.received.all.filter(({ headers }) => headers['last-event-id'])).toEqual([]);
  });
});
