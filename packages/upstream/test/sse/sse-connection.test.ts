import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { DrivenClock, connectHttp, contextFor, exchangeOf, failureOf } from '../http/support/context.ts';
import { RawServer, errorOf, resultOf, sendEvent, sendJson } from '../http/support/raw-server.ts';
import { ENDPOINT, startSse } from './support.ts';

describe('a server of the first revision', () => {
  test('is found out: Streamable HTTP is tried first', async () => {
    await using server = await startSse();
    const connection = await connectHttp(contextFor({ url: server.url }));
    expect([connection.era, connection.server.revisions]).toEqual(['legacy', ['2024-11-05']]);
    const outcome = await connection.request(exchangeOf('tools/call', { name: 'x', arguments: { a: 1 } }));
    expect(outcome.payload.value()).toEqual({ echoed: { name: 'x', arguments: { a: 1 } } });
    expect(server.received.all.map(({ method, message }) => message.method ?? method)).toEqual([
      'server/discover',
      'initialize',
      'GET',
      'initialize',
      'notifications/initialized',
      'tools/call',
    ]);
    await connection.close();
  });

  test('is not looked for when the configuration names the transport', async () => {
    await using server = await startSse();
    const connection = await connectHttp(contextFor({ url: server.url, protocol: 'sse' }));
    expect(server.received.all[0]?.method).toBe('GET');
    await connection.close();
    await using streamable = await startSse();
    const failure = await failureOf(connectHttp(contextFor({ url: streamable.url, protocol: 'streamable-http' })));
    expect([failure.code, streamable.count('GET')]).toEqual(['UPSTREAM_PROTOCOL', 0]);
  });

  test.each([400, 404, 405])('is looked for after %i', async (status) => {
    await using server = await startSse({ refuse: (_, response) => void response.writeHead(status).end() });
    const connection = await connectHttp(contextFor({ url: server.url }));
    expect(connection.server.info).toMatchObject({ name: 'first' });
    await connection.close();
  });

  test.each([401, 403, 408, 429, 500, 503, 302])('is not looked for after %i', async (status) => {
    await using server = await startSse({ refuse: (_, response) => void response.writeHead(status).end() });
    const failure = await failureOf(connectHttp(contextFor({ url: server.url, era: 'legacy' })));
    expect(failure.code).toMatch(/^UPSTREAM_/);
    expect(server.count('GET')).toBe(0);
  });

  test('that is none is reported as what it is', async () => {
    await using server = await RawServer.start((_, response) => void response.writeHead(404).end('nothing here'));
    const failure = await failureOf(connectHttp(contextFor({ url: server.url })));
    expect(failure).toMatchObject({ code: 'UPSTREAM_PROTOCOL', problem: expect.stringContaining('404') as string });
  });

  test('gets the configured headers with every request', async () => {
    await using server = await startSse();
    const headers = { authorization: { secret: 'env://TOKEN', format: 'Bearer {}' } };
    const context = contextFor({ url: server.url, protocol: 'sse', headers, secrets: { 'env://TOKEN': 't0ken' } });
    const connection = await connectHttp(context);
    await Promise.all(['a', 'b', 'c'].map((name) => connection.request(exchangeOf('tools/call', { name }))));
    expect(new Set(server.received.all.map((received) => received.headers.authorization))).toEqual(
      new Set(['Bearer t0ken']),
    );
    await connection.close();
  });

  test('has taken notifications/initialized before anything else comes', async () => {
    const held: ServerResponse[] = [];
    await using server = await startSse({ initialized: (response) => held.push(response) });
    const connection = await connectHttp(contextFor({ url: server.url, protocol: 'sse' }));
    const call = connection.request(exchangeOf('tools/call', {}));
    await server.next('notifications/initialized');
    // What was sent beside it has come by the time that another connection was answered.
    for (const _ of [1, 2, 3]) await fetch(server.url, { method: 'POST', body: '{}' });
    expect(server.count('tools/call')).toBe(0);
    held[0]?.writeHead(202).end();
    expect((await call).kind).toBe('result');
    await connection.close();
  });
});

describe('the address for messages', () => {
  const failureWith = async (first: string, era: 'auto' | 'modern' = 'auto') => {
    await using server = await startSse({ open: (response) => void response.write(first) });
    const failure = await failureOf(connectHttp(contextFor({ url: server.url, protocol: 'sse', era })));
    expect(server.received.all.filter(({ method }) => method === 'POST')).toEqual([]);
    return failure;
  };

  test.each([
    'http://elsewhere.example/messages',
    'https://127.0.0.1/messages',
    '//elsewhere.example/messages',
    'file:///etc/passwd',
    'http://',
  ])('%s is of another origin, and gets nothing', async (address) => {
    expect(await failureWith(`event: endpoint\ndata: ${address}\n\n`)).toMatchObject({
      code: 'UPSTREAM_PROTOCOL',
      problem: expect.stringContaining('another origin') as string,
    });
  });

  test('may be relative to the stream, or whole', async () => {
    for (const address of ['messages?sessionId=7', './messages?sessionId=7', '/messages?sessionId=7']) {
      // oxlint-disable-next-line no-await-in-loop -- one server after the other
      await using server = await startSse({
        open: (response) => void response.write(`event: endpoint\ndata: ${address}\n\n`),
      });
      // oxlint-disable-next-line no-await-in-loop -- one server after the other
      const connection = await connectHttp(contextFor({ url: server.url, protocol: 'sse' }));
      expect(server.received.all.at(-1)?.path).toBe('/messages?sessionId=7');
      // oxlint-disable-next-line no-await-in-loop -- one server after the other
      await connection.close();
    }
  });

  test('comes first', async () => {
    expect(await failureWith('data: {"jsonrpc":"2.0","method":"notifications/x"}\n\n')).toMatchObject({
      code: 'UPSTREAM_PROTOCOL',
      problem: expect.stringContaining('does not begin') as string,
    });
  });

  test('must come in time', async () => {
    const clock = new DrivenClock();
    await using server = await startSse({ open: () => {} });
    const failed = failureOf(connectHttp(contextFor({ url: server.url, protocol: 'sse', clock })));
    await server.next('GET');
    await clock.pass((delay) => delay === 20_000);
    expect(await failed).toMatchObject({ code: 'UPSTREAM_TIMEOUT', mayHaveRun: false });
  });

  test('is not asked for in the modern era, which has no such transport', async () => {
    expect(await failureWith(ENDPOINT, 'modern')).toMatchObject({ code: 'UPSTREAM_PROTOCOL' });
  });
});

describe('a call', () => {
  test('fails with the stream, and may have run', async () => {
    await using server = await startSse({
      post: (_, response, stream) => {
        response.writeHead(202).end();
        stream.destroy();
      },
    });
    const context = contextFor({ url: server.url, protocol: 'sse' });
    const connection = await connectHttp(context);
    expect(await failureOf(connection.request(exchangeOf('tools/call', { name: 'x' })))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      mayHaveRun: true,
    });
    expect(await context.closed.next()).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(await failureOf(connection.request(exchangeOf('tools/list')))).toMatchObject({ mayHaveRun: false });
    await connection.close();
  });

  test.each([
    [500, { code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true }],
    [403, { code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: false }],
    [429, { code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: false }],
    [400, { code: 'UPSTREAM_PROTOCOL', mayHaveRun: false }],
  ])('that is refused with %i fails alone', async (status, expected) => {
    await using server = await startSse({
      post: ({ message }, response, stream) => {
        response.writeHead(message.params['name'] === 'x' ? status : 202).end();
        if (message.params['name'] !== 'x') sendEvent(stream, { jsonrpc: '2.0', id: message.id, result: {} });
      },
    });
    const context = contextFor({ url: server.url, protocol: 'sse' });
    const connection = await connectHttp(context);
    expect(await failureOf(connection.request(exchangeOf('tools/call', { name: 'x' })))).toMatchObject(expected);
    expect((await connection.request(exchangeOf('tools/call', { name: 'y' }))).kind).toBe('result');
    expect(context.closed.all).toEqual([]);
    await connection.close();
  });

  test.each([404, 401, 410])(
    'that is refused with %i ends the session, and the others may have run',
    async (status) => {
      await using server = await startSse({
        post: ({ message }, response) => void response.writeHead(message.params['name'] === 'x' ? status : 202).end(),
      });
      const context = contextFor({ url: server.url, protocol: 'sse' });
      const connection = await connectHttp(context);
      const other = failureOf(connection.request(exchangeOf('tools/call', { name: 'y' })));
      await server.next('tools/call');
      expect(await failureOf(connection.request(exchangeOf('tools/call', { name: 'x' })))).toMatchObject({
        code: 'UPSTREAM_UNAVAILABLE',
        mayHaveRun: false,
      });
      expect(await other).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true });
      await context.closed.next();
      await connection.close();
    },
  );

  test('has its deadline, and the server is told', async () => {
    await using server = await startSse({ post: (_, response) => void response.writeHead(202).end() });
    const connection = await connectHttp(contextFor({ url: server.url, protocol: 'sse' }));
    // Of this call alone: the opening of the session has its own.
    expect(await failureOf(connection.request(exchangeOf('tools/call', { name: 'x' }), 200))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
    });
    expect((await server.next('notifications/cancelled')).message.params).toMatchObject({ requestId: 2 });
    await connection.close();
  });

  test('meets its bound when the server takes nothing', async () => {
    await using server = await startSse({ post: () => {} });
    const context = contextFor({ url: server.url, protocol: 'sse' });
    const limited = { ...context, limits: { ...context.limits, queuedBytes: 1_000 } };
    const connection = await connectHttp(limited);
    const blob = 'x'.repeat(600);
    const first = connection.request(exchangeOf('tools/call', { blob })).catch(() => undefined);
    expect(await failureOf(connection.request(exchangeOf('tools/call', { blob })))).toMatchObject({
      code: 'UPSTREAM_OVERLOADED',
      mayHaveRun: false,
    });
    await connection.close();
    await first;
  });
});

describe('the stream', () => {
  test('skips what is no message, and says so once', async () => {
    await using server = await startSse({
      post: (received, response, stream) => {
        response.writeHead(202).end();
        for (let index = 0; index < 5; index++) stream.write('data: <html>\n\n');
        sendEvent(stream, resultOf(received, { ok: true }));
      },
    });
    const context = contextFor({ url: server.url, protocol: 'sse' });
    const connection = await connectHttp(context);
    expect((await connection.request(exchangeOf('tools/call', {}))).payload.value()).toEqual({ ok: true });
    expect(context.logged.all.filter(({ level }) => level === 'warn')).toHaveLength(1);
    await connection.close();
  });

  test('ends with a message beyond the bound', async () => {
    await using server = await startSse({
      post: (received, response, stream) => {
        response.writeHead(202).end();
        sendEvent(stream, resultOf(received, { text: 'x'.repeat(20_000) }));
      },
    });
    const context = contextFor({ url: server.url, protocol: 'sse', messageBytes: 10_000 });
    const connection = await connectHttp(context);
    expect(await failureOf(connection.request(exchangeOf('tools/call', {})))).toMatchObject({
      code: 'UPSTREAM_RESULT_TOO_LARGE',
      mayHaveRun: true,
    });
    await context.closed.next();
    await connection.close();
  });

  test('that is silent is asked for a sign of life, and given up when there is none', async () => {
    const clock = new DrivenClock();
    await using server = await startSse({ post: (_, response) => void response.writeHead(202).end() });
    const context = contextFor({ url: server.url, protocol: 'sse', clock, callTimeout: 45_000 });
    const connection = await connectHttp(context);
    await clock.pass((delay) => delay === 30_000);
    const ping = await server.next('ping');
    sendEvent(server.stream(), errorOf(ping, -32601));
    // Whatever it answers, it is there. This call is done when that was heard.
    const call = connection.request(exchangeOf('tools/call', {}));
    sendEvent(server.stream(), resultOf(await server.next('tools/call'), {}));
    await call;
    for (let quiet = 0; quiet < 2; quiet++) {
      // oxlint-disable-next-line no-await-in-loop -- one interval after the other
      await clock.pass((delay) => delay === 30_000);
      // oxlint-disable-next-line no-await-in-loop -- one interval after the other
      await server.next('ping');
    }
    expect(context.closed.all).toEqual([]);
    await clock.pass((delay) => delay === 30_000);
    expect(await context.closed.next()).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await connection.close();
  });

  test('is no place for an encoded answer', async () => {
    await using server = await RawServer.start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.flushHeaders();
    });
    const failure = await failureOf(connectHttp(contextFor({ url: server.url, protocol: 'sse' })));
    expect(failure.code).toBe('UPSTREAM_PROTOCOL');
  });

  test('is ended with the connection, and the server may close first', async () => {
    await using server = await startSse();
    const context = contextFor({ url: server.url, protocol: 'sse' });
    const connection = await connectHttp(context);
    await connection.close();
    expect((await server.dropped.next(({ method }) => method === 'GET')).method).toBe('GET');
    await using json = await RawServer.start((_, response) => sendJson(response, {}));
    expect(await failureOf(connectHttp(contextFor({ url: json.url, protocol: 'sse' })))).toMatchObject({
      problem: 'It opens no event stream.',
    });
  });
});
