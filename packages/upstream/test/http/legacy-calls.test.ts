import { describe, expect, test } from 'vitest';
import { connectHttp, DrivenClock, contextFor, exchangeOf, failureOf, plainClient } from './support/context.ts';
import { notification, openEvents, errorOf, resultOf, sendEvent, sendJson } from './support/raw-server.ts';
import { startLegacy } from './support/scripted-servers.ts';

const asking = { ...plainClient, capabilities: { elicitation: {}, roots: {} } };

describe('opening a legacy session', () => {
  test('declares the host on a shared connection and carries session and revision on every later request', async () => {
    await using server = await startLegacy();
    // However late the machine is: the stream is answered before anything is called.
    const connection = await connectHttp(contextFor({ url: server.url, clock: new DrivenClock() }));
    const outcome = await connection.request(exchangeOf('tools/call', { name: 'echo', arguments: { n: 1 } }));
    await connection.close();

    const { message, headers: first } = await server.next('initialize');
    expect(message.params).toMatchObject({
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'hostler' },
    });
    expect(first['mcp-session-id']).toBeUndefined();
    expect(first['mcp-protocol-version']).toBeUndefined();
    for (const name of ['notifications/initialized', 'GET', 'tools/call', 'DELETE']) {
      // oxlint-disable-next-line no-await-in-loop -- they came in this order
      const { headers } = await server.next(name);
      expect(headers).toMatchObject({ 'mcp-session-id': 'session-1', 'mcp-protocol-version': '2025-11-25' });
    }
    expect(connection.server).toMatchObject({ era: 'legacy', revisions: ['2025-11-25'], info: { name: 'raw' } });
    expect(outcome).toMatchObject({ kind: 'result', era: 'legacy' });
    expect(outcome.payload.value()).toEqual({ echoed: { name: 'echo', arguments: { n: 1 } } });
  });

  test('declares the client that a connection serves alone', async () => {
    await using server = await startLegacy();
    const connection = await connectHttp(contextFor({ url: server.url, client: asking, era: 'legacy' }));
    await connection.close();
    const { message } = await server.next('initialize');
    expect(message.params).toMatchObject({ capabilities: asking.capabilities, clientInfo: asking.info });
    expect(server.count('server/discover')).toBe(0);
  });

  test('refuses a revision that the host does not speak', async () => {
    await using server = await startLegacy({
      initialize: (received, response) =>
        sendJson(response, resultOf(received, { protocolVersion: '2031-01-01', capabilities: {}, serverInfo: {} })),
    });
    const failure = await failureOf(connectHttp(contextFor({ url: server.url })));
    expect(failure).toMatchObject({ code: 'UPSTREAM_PROTOCOL', server: 'raw' });
  });

  test('refuses a session id that could not be a header', async () => {
    await using server = await startLegacy({
      initialize: (received, response) =>
        sendJson(
          response,
          resultOf(received, { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: {} }),
          200,
          {
            'mcp-session-id': 'two words',
          },
        ),
    });
    expect(await failureOf(connectHttp(contextFor({ url: server.url })))).toMatchObject({
      code: 'UPSTREAM_PROTOCOL',
      problem: expect.stringContaining('session id'),
    });
  });

  test('fails when the server does not take that the session is initialized, or not in time', async () => {
    const clock = new DrivenClock();
    await using server = await startLegacy();
    const answer = server.respond;
    server.respond = (received, response) => {
      if (received.message.method === 'notifications/initialized') response.writeHead(400).end();
      else answer(received, response);
    };
    expect(await failureOf(connectHttp(contextFor({ url: server.url })))).toMatchObject({ code: 'UPSTREAM_PROTOCOL' });
    await server.next('notifications/initialized');
    server.respond = (received, response) => {
      if (received.message.method !== 'notifications/initialized') answer(received, response);
    };
    const failure = failureOf(connectHttp(contextFor({ url: server.url, clock })));
    await server.next('notifications/initialized');
    await clock.pass((delay) => delay === 10_000);
    expect(await failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT', mayHaveRun: false });
    expect((await server.dropped.next()).message.method).toBe('notifications/initialized');
  });

  test('works with a server that keeps no session, and ends none', async () => {
    await using server = await startLegacy({ sessions: false });
    const connection = await connectHttp(contextFor({ url: server.url }));
    await connection.request(exchangeOf('tools/list'));
    await connection.close();
    expect(server.count('DELETE')).toBe(0);
    expect((await server.next('tools/list')).headers['mcp-session-id']).toBeUndefined();
  });
});

describe('answers', () => {
  test('the payload is the very bytes of the result', async () => {
    const result = '{"n":12345678901234567890, "nested" : [ 1.0 ]}';
    await using server = await startLegacy({
      call: (received, response) => {
        response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
        response.end(`{"jsonrpc":"2.0", "result":${result} ,"id":${String(received.message.id)}}`);
      },
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    const outcome = await connection.request(exchangeOf('tools/call', { name: 'x' }));
    expect(Buffer.from(outcome.payload.bytes()).toString()).toBe(result);
    await connection.close();
  });

  test('an error of the server is an outcome, whatever the status', async () => {
    await using server = await startLegacy({
      call: (received, response) => sendJson(response, errorOf(received, -32603), 500),
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    const outcome = await connection.request(exchangeOf('tools/call', { name: 'x' }));
    expect(outcome.kind).toBe('error');
    expect(outcome.payload.value()).toMatchObject({ code: -32603 });
    await connection.close();
  });

  test('an answer over an event stream comes after its notifications, in their order', async () => {
    await using server = await startLegacy({
      call: (received, response) => {
        const { progressToken } = received.message.params._meta;
        openEvents(response);
        response.write(': hello\n\n');
        for (const progress of [1, 2])
          sendEvent(response, notification('notifications/progress', { progressToken, progress }));
        sendEvent(response, notification('notifications/message', { level: 'info', data: 'x' }));
        sendEvent(response, resultOf(received, { ok: true }));
        response.end();
      },
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    const exchange = exchangeOf('tools/call', { name: 'x', _meta: { progressToken: 'mine', other: 1 } });
    const outcome = await connection.request(exchange);
    expect(outcome.payload.value()).toEqual({ ok: true });
    expect(exchange.notified.all).toEqual([
      { method: 'notifications/progress', params: { progressToken: 'mine', progress: 1 } },
      { method: 'notifications/progress', params: { progressToken: 'mine', progress: 2 } },
      { method: 'notifications/message', params: { level: 'info', data: 'x' } },
    ]);
    const { message } = await server.next('tools/call');
    expect(message.params._meta).toEqual({ progressToken: message.id, other: 1 });
    await connection.close();
  });

  test('two calls with the same progress token each get their own progress', async () => {
    const waiting: (() => void)[] = [];
    await using server = await startLegacy({
      call: (received, response) => {
        const { progressToken } = received.message.params._meta;
        openEvents(response);
        waiting.push(() => {
          const { name } = received.message.params;
          sendEvent(response, notification('notifications/progress', { progressToken, message: name }));
          sendEvent(response, resultOf(received, {}));
          response.end();
        });
        if (waiting.length === 2) for (const go of waiting) go();
      },
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    const exchanges = ['a', 'b'].map((name) => exchangeOf('tools/call', { name, _meta: { progressToken: 1 } }));
    await Promise.all(exchanges.map((exchange) => connection.request(exchange)));
    for (const [index, name] of ['a', 'b'].entries()) {
      expect(exchanges[index]?.notified.all.map(({ params }) => params)).toEqual([{ progressToken: 1, message: name }]);
    }
    await connection.close();
  });

  test('what a server says of its lists on the stream of a call is for everybody', async () => {
    await using server = await startLegacy({
      call: (received, response) => {
        openEvents(response);
        sendEvent(response, notification('notifications/tools/list_changed', {}));
        sendEvent(response, resultOf(received, {}));
        response.end();
      },
    });
    const context = contextFor({ url: server.url });
    const connection = await connectHttp(context);
    const exchange = exchangeOf('tools/call', { name: 'x' });
    await connection.request(exchange);
    expect(context.notifications.all.map(({ method }) => method)).toEqual(['notifications/tools/list_changed']);
    expect(exchange.notified.all).toEqual([]);
    await connection.close();
  });

  test('a connection is used again, also after an event stream', async () => {
    await using server = await startLegacy({
      sessions: false,
      call: (received, response) => {
        if (received.message.method === 'tools/list') return sendJson(response, resultOf(received, {}));
        openEvents(response);
        sendEvent(response, resultOf(received, {}));
        response.end();
      },
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    for (let round = 0; round < 20; round++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      await connection.request(exchangeOf(round % 2 === 0 ? 'tools/list' : 'tools/call', { name: 'x' }));
    }
    // Two in turn for calls, since a socket rests for one turn of the event loop; one for the GET that found no stream.
    expect(server.sockets).toBeLessThanOrEqual(3);
    await connection.close();
  });
});

describe('questions on the stream of a call', () => {
  const askThen = (method: string) =>
    startLegacy({
      call: (received, response) => {
        openEvents(response);
        sendEvent(response, { jsonrpc: '2.0', id: 'q-1', method, params: { message: 'name?' } });
        void server.then(async (raw) => {
          const { message } = await raw.next('answer');
          sendEvent(response, resultOf(received, { answer: message.result ?? message.error }));
          response.end();
        });
      },
    });
  let server: ReturnType<typeof askThen>;

  test('go to the client, whose answer goes back with the session', async () => {
    server = askThen('elicitation/create');
    await using raw = await server;
    const connection = await connectHttp(contextFor({ url: raw.url, client: asking }));
    const exchange = exchangeOf(
      'tools/call',
      { name: 'x' },
      {
        ask: () => Promise.resolve({ kind: 'result', result: { action: 'accept', content: { name: 'Ada' } } }),
      },
    );
    const outcome = await connection.request(exchange);
    expect(outcome.payload.value()).toEqual({ answer: { action: 'accept', content: { name: 'Ada' } } });
    expect(exchange.asked.all).toEqual([{ method: 'elicitation/create', params: { message: 'name?' } }]);
    expect(raw.received.all.find(({ message }) => message.id === 'q-1')?.headers['mcp-session-id']).toBe('session-1');
    await connection.close();
  });

  test('are told when the client gives an error, and when it cannot be asked', async () => {
    server = askThen('roots/list');
    await using raw = await server;
    const connection = await connectHttp(contextFor({ url: raw.url, client: asking }));
    const refusing = exchangeOf(
      'tools/call',
      { name: 'x' },
      {
        ask: () => Promise.resolve({ kind: 'error', error: { code: -1, message: 'no' } }),
      },
    );
    expect((await connection.request(refusing)).payload.value()).toEqual({ answer: { code: -1, message: 'no' } });
    const silent = await connection.request(exchangeOf('tools/call', { name: 'x' }));
    expect(silent.payload.value()).toMatchObject({ answer: { code: -32603 } });
    await connection.close();
  });

  test.each([
    ['on a shared connection', 'elicitation/create', undefined],
    ['of a kind that the client did not declare', 'sampling/createMessage', asking],
    ['of an unknown kind', 'secrets/list', asking],
  ])('%s are answered with method not found', async (_, method, client) => {
    server = askThen(method);
    await using raw = await server;
    const connection = await connectHttp(contextFor({ url: raw.url, ...(client ? { client } : {}) }));
    const exchange = exchangeOf('tools/call', { name: 'x' });
    expect((await connection.request(exchange)).payload.value()).toMatchObject({ answer: { code: -32601 } });
    expect(exchange.asked.all).toEqual([]);
    await connection.close();
  });

  test('a ping is answered on a shared connection too', async () => {
    server = askThen('ping');
    await using raw = await server;
    const connection = await connectHttp(contextFor({ url: raw.url }));
    expect((await connection.request(exchangeOf('tools/call', { name: 'x' }))).payload.value()).toEqual({ answer: {} });
    await connection.close();
  });

  test('stop the deadline of the call while they are open', async () => {
    server = askThen('elicitation/create');
    await using raw = await server;
    const clock = new DrivenClock();
    const connection = await connectHttp(contextFor({ url: raw.url, client: asking, clock, callTimeout: 777 }));
    const { promise: answer, resolve } = Promise.withResolvers<{ kind: 'result'; result: null }>();
    const exchange = exchangeOf('tools/call', { name: 'x' }, { ask: () => answer });
    const outcome = connection.request(exchange);
    await exchange.asked.next();
    await clock.pass((delay) => delay === 777);
    resolve({ kind: 'result', result: null });
    expect((await outcome).kind).toBe('result');
    await connection.close();
  });
});
