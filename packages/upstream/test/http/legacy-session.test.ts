import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { connectHttp, DrivenClock, contextFor, exchangeOf, failureOf, plainClient } from './support/context.ts';
import { Inbox } from './support/inbox.ts';
import { errorOf, notification, openEvents, resultOf, sendEvent, sendJson } from './support/raw-server.ts';
import type { Received } from './support/raw-server.ts';
import { startLegacy } from './support/scripted-servers.ts';

const call = () => exchangeOf('tools/call', { name: 'x' });

describe('a server that has forgotten the session', () => {
  test('gets a new one, once, and reads are repeated on it', async () => {
    await using server = await startLegacy();
    const context = contextFor({ url: server.url });
    const connection = await connectHttp(context);
    server.forget();
    const outcomes = await Promise.all([
      connection.request(exchangeOf('tools/list')),
      connection.request(exchangeOf('resources/list')),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['result', 'result']);
    expect(server.count('initialize')).toBe(2);
    expect(connection.server.info).toMatchObject({ version: '2' });
    expect(context.closed.all).toEqual([]);
    await connection.close();
    expect((await server.next('DELETE')).headers['mcp-session-id']).toBe('session-2');
  });

  test('is noticed once, also by an answer that comes late', async () => {
    const late = new Inbox<ServerResponse>();
    await using server = await startLegacy();
    const connection = await connectHttp(contextFor({ url: server.url }));
    server.forget();
    const answer = server.respond;
    server.respond = (received, response) => {
      const { message, headers } = received;
      const isLate = message.method === 'prompts/list' && headers['mcp-session-id'] === 'session-1';
      if (isLate) late.add(response);
      else answer(received, response);
    };
    const second = connection.request(exchangeOf('prompts/list'));
    const response = await late.next();
    await connection.request(exchangeOf('tools/list'));
    response.writeHead(404).end();
    expect((await second).kind).toBe('result');
    expect(server.count('initialize')).toBe(2);
    await connection.close();
  });

  test('a call that acts is not repeated: it fails as one that did not run, and the next one works', async () => {
    await using server = await startLegacy();
    const connection = await connectHttp(contextFor({ url: server.url }));
    server.forget();
    expect(await failureOf(connection.request(call()))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      mayHaveRun: false,
    });
    expect(server.count('tools/call')).toBe(1);
    expect((await connection.request(call())).kind).toBe('result');
    expect(server.count('initialize')).toBe(2);
    await connection.close();
  });

  test.each([
    ['is repeated when the server says that it only reads', 'readOnlyHint', undefined, 2],
    ['is repeated when the server says that it may be repeated', 'idempotentHint', undefined, 2],
    ['is not repeated where nothing is to be', 'readOnlyHint', 'never', 1],
    ['is repeated where everything is to be', 'title', 'always', 2],
  ] as const)('a call %s', async (_, hint, replay, calls) => {
    await using server = await startLegacy({
      call: (received, response) =>
        sendJson(response, resultOf(received, { tools: [{ name: 'x', annotations: { [hint]: true } }] })),
    });
    const context = contextFor({ url: server.url });
    const spec = { ...context.spec, ...(replay !== undefined && { replay }) };
    const connection = await connectHttp({ ...context, spec });
    await connection.request(exchangeOf('tools/list'));
    server.forget();
    const outcome = await connection.request(call()).catch(() => undefined);
    expect(outcome?.kind).toBe(calls === 2 ? 'result' : undefined);
    expect(server.count('tools/call')).toBe(calls);
    await connection.request(exchangeOf('tools/list'));
    expect(server.count('initialize')).toBe(2);
    await connection.close();
  });

  test('a call whose answer was lost with the session may have run, and is repeated only if that does no harm', async () => {
    const forget = (): void => server.forget();
    await using server = await startLegacy({
      call: (received, response) => {
        const isList = received.message.method === 'tools/list';
        const first = received.headers['mcp-session-id'] === 'session-1';
        if (isList || !first) {
          return sendJson(
            response,
            resultOf(received, { tools: [{ name: 'x', annotations: { readOnlyHint: true } }] }),
          );
        }
        openEvents(response);
        response.write('id: 1\nretry: 20\ndata: \n\n');
        forget();
        response.end();
      },
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    expect(await failureOf(connection.request(call()))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      mayHaveRun: true,
    });
    expect(server.count('tools/call')).toBe(1);
    await connection.request(exchangeOf('tools/list'));
    expect((await connection.request(call())).kind).toBe('result');
    await connection.close();
  });

  test('log level and subscriptions are set on the new session, and lists and resources taken for changed', async () => {
    await using server = await startLegacy({
      capabilities: { tools: { listChanged: true }, prompts: {}, logging: {} },
    });
    const context = contextFor({ url: server.url });
    const connection = await connectHttp(context);
    await connection.request(exchangeOf('logging/setLevel', { level: 'warning' }));
    await connection.request(exchangeOf('resources/subscribe', { uri: 'a://1' }));
    await connection.request(exchangeOf('resources/subscribe', { uri: 'a://2' }));
    await connection.request(exchangeOf('resources/unsubscribe', { uri: 'a://1' }));
    server.forget();
    await connection.request(exchangeOf('tools/list'));
    const restored = server.received.all
      .filter(({ headers, message }) => headers['mcp-session-id'] === 'session-2' && message.method !== undefined)
      .map(({ message }) => [message.method, message.params]);
    expect(restored).toContainEqual(['logging/setLevel', { level: 'warning' }]);
    expect(restored).toContainEqual(['resources/subscribe', { uri: 'a://2' }]);
    expect(restored).not.toContainEqual(['resources/subscribe', { uri: 'a://1' }]);
    expect(context.notifications.all).toEqual([
      { method: 'notifications/tools/list_changed' },
      { method: 'notifications/resources/updated', params: { uri: 'a://2' } },
    ]);
    await connection.close();
  });

  test('and gives no new one: the connection ends, once', async () => {
    let opens = true;
    await using server = await startLegacy({ opens: () => opens });
    const context = contextFor({ url: server.url });
    const connection = await connectHttp(context);
    opens = false;
    server.forget();
    const failures = await Promise.all([
      failureOf(connection.request(exchangeOf('tools/list'))),
      failureOf(connection.request(exchangeOf('tools/list'))),
    ]);
    for (const failure of failures) expect(failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: false });
    await context.closed.next();
    expect(await failureOf(connection.request(call()))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await connection.close();
    expect(context.closed.all).toHaveLength(1);
  });

  test('and says so with a general 400: a ping finds out', async () => {
    let known = true;
    await using server = await startLegacy({
      call: (received, response) => {
        if (received.headers['mcp-session-id'] === 'session-2' || known) {
          return sendJson(response, resultOf(received, {}));
        }
        sendJson(response, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Bad Request' } }, 400);
      },
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    known = false;
    expect((await connection.request(exchangeOf('tools/list'))).kind).toBe('result');
    expect(server.count('ping')).toBe(1);
    expect(server.count('initialize')).toBe(2);
    await connection.close();
  });

  test('a general 400 of a server that knows the session is its answer', async () => {
    await using server = await startLegacy({
      call: (received, response) =>
        received.message.method === 'ping'
          ? sendJson(response, resultOf(received, {}))
          : sendJson(response, errorOf(received, -32000), 400),
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    expect((await connection.request(call())).payload.value()).toMatchObject({ code: -32000 });
    expect(server.count('initialize')).toBe(1);
    await connection.close();
  });

  test('an unknown method with status 404 is an answer, not a lost session', async () => {
    await using server = await startLegacy({
      call: (received, response) => sendJson(response, errorOf(received, -32601), 404),
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    expect((await connection.request(exchangeOf('prompts/list'))).payload.value()).toMatchObject({ code: -32601 });
    expect(server.count('initialize')).toBe(1);
    await connection.close();
  });

  test('a server that turned modern ends the connection, so that it is probed anew', async () => {
    await using server = await startLegacy({
      call: (received, response) => sendJson(response, errorOf(received, -32022, { supported: ['2026-07-28'] }), 400),
    });
    const context = contextFor({ url: server.url });
    const connection = await connectHttp(context);
    expect(await failureOf(connection.request(call()))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      mayHaveRun: false,
    });
    expect(context.closed.all).toHaveLength(1);
    await connection.close();
  });
});

/** A legacy server whose stream is in the hands of the test. */
async function withStream() {
  const streams = new Inbox<{ received: Received; response: ServerResponse }>();
  const server = await startLegacy({
    stream: (received, response) => {
      openEvents(response);
      streams.add({ received, response });
    },
  });
  return Object.assign(server, { streams });
}

describe('the stream outside any call', () => {
  test('brings notifications to the pool when the connection is shared', async () => {
    await using server = await withStream();
    const context = contextFor({ url: server.url });
    const connection = await connectHttp(context);
    const { response, received } = await server.streams.next();
    expect(received.headers).toMatchObject({ accept: 'text/event-stream', 'mcp-session-id': 'session-1' });
    sendEvent(response, notification('notifications/tools/list_changed', {}));
    sendEvent(response, notification('notifications/message', { level: 'info', data: 1 }));
    expect((await context.notifications.next()).method).toBe('notifications/tools/list_changed');
    expect((await context.notifications.next()).params).toEqual({ level: 'info', data: 1 });
    await connection.close();
  });

  test('brings a log line to the only call under way, and to none of two', async () => {
    const streams = new Inbox<ServerResponse>();
    const answers: (() => void)[] = [];
    await using server = await startLegacy({
      stream: (_, response) => {
        openEvents(response);
        streams.add(response);
      },
      call: (received, response) => void answers.push(() => sendJson(response, resultOf(received, {}))),
    });
    const context = contextFor({ url: server.url });
    const connection = await connectHttp(context);
    const stream = await streams.next();
    const [one, two] = [call(), call()];
    const log = (data: string) => sendEvent(stream, notification('notifications/message', { level: 'info', data }));
    const outcomes = [connection.request(one)];
    await server.next('tools/call');
    log('of one');
    expect(await one.notified.next()).toMatchObject({ params: { data: 'of one' } });
    outcomes.push(connection.request(two));
    await server.next('tools/call');
    log('of either');
    expect(await context.notifications.next()).toMatchObject({ params: { data: 'of either' } });
    for (const answer of answers) answer();
    await Promise.all(outcomes);
    expect([one.notified.all.length, two.notified.all.length]).toEqual([1, 0]);
    await connection.close();
  });

  test('that is opened again, but not from where it broke, leaves lists and resources taken for changed', async () => {
    const streams = new Inbox<ServerResponse>();
    await using server = await startLegacy({
      capabilities: { tools: { listChanged: true }, prompts: {} },
      stream: (_, response) => {
        openEvents(response);
        streams.add(response);
      },
    });
    const clock = new DrivenClock();
    const context = contextFor({ url: server.url, clock });
    const connection = await connectHttp(context);
    await connection.request(exchangeOf('resources/subscribe', { uri: 'a://1' }));
    const stream = await streams.next();
    expect(context.notifications.all).toEqual([]);
    stream.end();
    await clock.pass((delay) => delay >= 500 && delay < 1_000);
    await streams.next();
    expect([await context.notifications.next(), await context.notifications.next()]).toEqual([
      { method: 'notifications/tools/list_changed' },
      { method: 'notifications/resources/updated', params: { uri: 'a://1' } },
    ]);
    await connection.close();
  });

  test('brings what is not about the server to the client of an own connection, and its questions', async () => {
    const told = new Inbox<object>();
    const asked = new Inbox<{ method: string; signal: AbortSignal }>();
    const client = {
      ...plainClient,
      capabilities: { elicitation: {} },
      session: {
        id: 's',
        notify: (sent: object) => told.add(sent),
        ask: (request: { method: string }, signal: AbortSignal) => {
          asked.add({ method: request.method, signal });
          if (asked.all.length > 1)
            return new Promise<never>((_, reject) =>
              signal.addEventListener('abort', () => reject(signal.reason as Error)),
            );
          return Promise.resolve({ kind: 'result' as const, result: { action: 'decline' } });
        },
      },
    };
    await using server = await withStream();
    const context = contextFor({ url: server.url, client });
    const connection = await connectHttp(context);
    const { response } = await server.streams.next();
    sendEvent(response, notification('notifications/message', { level: 'info' }));
    sendEvent(response, notification('notifications/resources/updated', { uri: 'a://1' }));
    expect(await told.next()).toMatchObject({ method: 'notifications/message' });
    expect((await context.notifications.next()).method).toBe('notifications/resources/updated');

    sendEvent(response, { jsonrpc: '2.0', id: 7, method: 'elicitation/create', params: {} });
    sendEvent(response, { jsonrpc: '2.0', id: 8, method: 'sampling/createMessage', params: {} });
    const answers = [await server.next('answer'), await server.next('answer')].map(({ message }) => message);
    expect(answers).toContainEqual({ jsonrpc: '2.0', id: 7, result: { action: 'decline' } });
    expect(answers).toContainEqual({ jsonrpc: '2.0', id: 8, error: expect.objectContaining({ code: -32601 }) });

    await asked.next();
    sendEvent(response, { jsonrpc: '2.0', id: 9, method: 'elicitation/create', params: {} });
    const { signal } = await asked.next();
    sendEvent(response, notification('notifications/cancelled', { requestId: 9 }));
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await connection.close();
    expect(server.count('answer')).toBe(2);
  });

  test('a question on it during a call goes to the client of that call', async () => {
    const { promise: finish, resolve } = Promise.withResolvers<() => void>();
    const streams = new Inbox<ServerResponse>();
    await using server = await startLegacy({
      stream: (_, response) => {
        openEvents(response);
        streams.add(response);
      },
      call: (received, response) => resolve(() => sendJson(response, resultOf(received, {}))),
    });
    const client = { ...plainClient, capabilities: { elicitation: {} } };
    const connection = await connectHttp(contextFor({ url: server.url, client }));
    const stream = await streams.next();
    const exchange = exchangeOf(
      'tools/call',
      { name: 'x' },
      {
        ask: () => Promise.resolve({ kind: 'result', result: { action: 'cancel' } }),
      },
    );
    const outcome = connection.request(exchange);
    await server.next('tools/call');
    sendEvent(stream, { jsonrpc: '2.0', id: 7, method: 'elicitation/create', params: {} });
    expect((await server.next('answer')).message).toEqual({ jsonrpc: '2.0', id: 7, result: { action: 'cancel' } });
    (await finish)();
    await outcome;
    await connection.close();
  });

  test('progress on it finds its call', async () => {
    const { promise: finish, resolve } = Promise.withResolvers<() => void>();
    const streams = new Inbox<ServerResponse>();
    await using server = await startLegacy({
      stream: (_, response) => {
        openEvents(response);
        streams.add(response);
      },
      call: (received, response) => resolve(() => sendJson(response, resultOf(received, {}))),
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    const stream = await streams.next();
    const exchange = exchangeOf('tools/call', { name: 'x', _meta: { progressToken: 'mine' } });
    const outcome = connection.request(exchange);
    const { message } = await server.next('tools/call');
    for (const token of ['mine', Number(message.id) + 5, message.id]) {
      sendEvent(stream, notification('notifications/progress', { progressToken: token, progress: 1 }));
    }
    expect(await exchange.notified.next()).toMatchObject({ params: { progressToken: 'mine', progress: 1 } });
    (await finish)();
    await outcome;
    expect(exchange.notified.all).toHaveLength(1);
    await connection.close();
  });

  test('is opened again after its last event, with growing pauses', async () => {
    const clock = new DrivenClock();
    await using server = await withStream();
    const context = contextFor({ url: server.url, clock });
    const connection = await connectHttp(context);
    const first = await server.streams.next();
    sendEvent(first.response, notification('notifications/tools/list_changed', {}), 'e-9');
    await context.notifications.next();
    first.response.end();
    const pauses = [await clock.pass((delay) => delay >= 500 && delay < 1_000)];
    const second = await server.streams.next();
    expect(second.received.headers['last-event-id']).toBe('e-9');
    second.response.destroy();
    pauses.push(await clock.pass((delay) => delay > 1_000 && delay < 2_000));
    const third = await server.streams.next();
    third.response.destroy();
    pauses.push(await clock.pass((delay) => delay >= 2_000 && delay < 4_000));
    await server.streams.next();
    expect(pauses).toHaveLength(3);
    await connection.close();
  });

  test('an unknown session on it opens a new one without waiting for a call', async () => {
    const clock = new DrivenClock();
    await using server = await withStream();
    const connection = await connectHttp(contextFor({ url: server.url, clock }));
    const { response } = await server.streams.next();
    server.forget();
    response.end();
    await clock.pass((delay) => delay >= 500 && delay < 1_000);
    const { received } = await server.streams.next();
    expect(received.headers['mcp-session-id']).toBe('session-2');
    await connection.close();
  });

  test('of a lost session is closed', async () => {
    await using server = await withStream();
    const connection = await connectHttp(contextFor({ url: server.url }));
    server.forget();
    await connection.request(exchangeOf('tools/list'));
    expect((await server.dropped.next()).headers['mcp-session-id']).toBe('session-1');
    await connection.close();
  });

  test('an invalid message on it is dropped and logged without its text', async () => {
    await using server = await withStream();
    const context = contextFor({ url: server.url });
    const connection = await connectHttp(context);
    const { response } = await server.streams.next();
    response.write('data: {"secret":"words"}\n\n');
    sendEvent(response, notification('notifications/prompts/list_changed', {}));
    expect((await context.notifications.next()).method).toBe('notifications/prompts/list_changed');
    const warning = await context.logged.next(({ level }) => level === 'warn');
    expect(JSON.stringify(warning)).not.toContain('words');
    await connection.close();
  });

  test('ends with the connection', async () => {
    await using server = await withStream();
    const connection = await connectHttp(contextFor({ url: server.url }));
    await server.streams.next();
    await connection.close();
    expect((await server.dropped.next()).method).toBe('GET');
    expect(server.count('GET')).toBe(1);
  });
});
