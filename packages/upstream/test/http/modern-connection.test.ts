import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { connectHttp, DrivenClock, contextFor, exchangeOf, failureOf, plainClient } from './support/context.ts';
import { errorOf, notification, openEvents, resultOf, sendEvent, sendJson } from './support/raw-server.ts';
import { startModern } from './support/scripted-servers.ts';

const META = 'io.modelcontextprotocol/';

describe('a request to a modern server', () => {
  test('describes the client of the exchange, and says in headers what the body says', async () => {
    await using server = await startModern();
    const connection = await connectHttp(contextFor({ url: server.url }));
    const params = { name: 'grüße', arguments: {}, _meta: { traceparent: '00-1' } };
    const client = { ...plainClient, capabilities: { elicitation: {} } };
    const outcome = await connection.request(exchangeOf('tools/call', params, { client, logLevel: 'info' }));
    const { headers, message } = await server.next('tools/call');
    expect(message.params).toEqual({
      name: 'grüße',
      arguments: {},
      _meta: {
        traceparent: '00-1',
        [`${META}protocolVersion`]: '2026-07-28',
        [`${META}clientCapabilities`]: { elicitation: {} },
        [`${META}clientInfo`]: plainClient.info,
        [`${META}logLevel`]: 'info',
      },
    });
    expect(headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': `=?base64?${Buffer.from('grüße').toString('base64')}?=`,
      accept: 'application/json, text/event-stream',
      'accept-encoding': 'identity',
    });
    expect(headers['mcp-session-id']).toBeUndefined();
    expect(outcome).toMatchObject({ kind: 'result', era: 'modern' });
    expect(connection).toMatchObject({ era: 'modern', server: { era: 'modern', info: { name: 'raw' } } });
    await connection.close();
    expect(server.count('DELETE') + server.count('GET') + server.count('initialize')).toBe(0);
  });

  test.each([
    ['an unknown method', 404, -32601],
    ['a missing capability', 400, -32021],
    ['invalid params', 400, -32602],
  ])('that is refused for %s has an error as its outcome', async (_, status, code) => {
    await using server = await startModern((received, response) => sendJson(response, errorOf(received, code), status));
    const connection = await connectHttp(contextFor({ url: server.url }));
    const outcome = await connection.request(exchangeOf('prompts/get', { name: 'x' }));
    expect(outcome).toMatchObject({ kind: 'error', era: 'modern' });
    expect(outcome.payload.value()).toMatchObject({ code });
    await connection.close();
  });

  test('an input_required result goes on as it is', async () => {
    const result = { resultType: 'input_required', inputRequests: {}, requestState: 's' };
    await using server = await startModern((received, response) => sendJson(response, resultOf(received, result)));
    const connection = await connectHttp(contextFor({ url: server.url }));
    const outcome = await connection.request(exchangeOf('tools/call', { name: 'x' }));
    expect(outcome.payload.value()).toEqual(result);
    await connection.close();
  });

  test('progress on its event stream carries the token of its client', async () => {
    await using server = await startModern((received, response) => {
      openEvents(response);
      const { progressToken } = received.message.params._meta;
      sendEvent(response, notification('notifications/progress', { progressToken, progress: 1 }));
      sendEvent(response, notification('notifications/progress', { progressToken: 'theirs', progress: 2 }));
      sendEvent(response, notification('notifications/message', { level: 'info' }));
      sendEvent(response, resultOf(received, {}));
      response.end();
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    const exchange = exchangeOf('tools/call', { name: 'x', _meta: { progressToken: 'mine' } });
    await connection.request(exchange);
    expect(exchange.notified.all).toEqual([
      { method: 'notifications/progress', params: { progressToken: 'mine', progress: 1 } },
      { method: 'notifications/message', params: { level: 'info' } },
    ]);
    await connection.close();
  });

  test('a server that asks a question on the wire breaks the protocol', async () => {
    await using server = await startModern((_, response) => {
      openEvents(response);
      sendEvent(response, { jsonrpc: '2.0', id: 1, method: 'elicitation/create', params: {} });
    });
    const connection = await connectHttp(contextFor({ url: server.url }));
    const failure = await failureOf(connection.request(exchangeOf('tools/call', { name: 'x' })));
    expect(failure).toMatchObject({ code: 'UPSTREAM_PROTOCOL', mayHaveRun: true });
    await connection.close();
  });

  test('that is cancelled ends by closing its reply, without a word', async () => {
    await using server = await startModern(() => {});
    const connection = await connectHttp(contextFor({ url: server.url }));
    const controller = new AbortController();
    const outcome = connection.request(exchangeOf('tools/call', { name: 'x' }, { signal: controller.signal }));
    await server.next('tools/call');
    const reason = new Error('gone');
    controller.abort(reason);
    await expect(outcome).rejects.toBe(reason);
    expect((await server.dropped.next()).message.method).toBe('tools/call');
    expect(server.count('notifications/cancelled')).toBe(0);
    await connection.close();
  });

  test('that times out closes its reply too', async () => {
    const clock = new DrivenClock();
    await using server = await startModern(() => {});
    const connection = await connectHttp(contextFor({ url: server.url, clock, callTimeout: 333 }));
    const failure = failureOf(connection.request(exchangeOf('tools/call', { name: 'x' })));
    await server.next('tools/call');
    await clock.pass((delay) => delay === 333);
    expect(await failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT', mayHaveRun: true });
    await server.dropped.next();
    await connection.close();
  });

  test('a server of the other era in its place ends the connection, so that it is probed anew', async () => {
    await using server = await startModern((_, response) =>
      sendJson(response, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'no session' } }, 400),
    );
    const context = contextFor({ url: server.url });
    const connection = await connectHttp(context);
    const exchange = exchangeOf('tools/call', { name: 'x' });
    const failures = await Promise.all([1, 2].map(() => failureOf(connection.request(exchange))));
    for (const failure of failures) expect(failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: false });
    expect(await failureOf(connection.request(exchange))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(context.closed.all).toHaveLength(1);
    await connection.close();
  });
});

describe('arguments mirrored in headers', () => {
  const tool = (header: string) => ({
    name: 'query',
    inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': header } } },
  });
  const call = () => exchangeOf('tools/call', { name: 'query', arguments: { region: 'eu' } });

  test('come from the list of tools seen on the connection', async () => {
    await using server = await startModern((received, response) =>
      sendJson(response, resultOf(received, { resultType: 'complete', tools: [tool('Region'), { name: 'plain' }] })),
    );
    const connection = await connectHttp(contextFor({ url: server.url }));
    await connection.request(exchangeOf('tools/list'));
    await connection.request(call());
    await connection.request(exchangeOf('tools/call', { name: 'plain', arguments: { region: 'eu' } }));
    expect((await server.next('tools/call')).headers['mcp-param-region']).toBe('eu');
    expect((await server.next('tools/call')).headers['mcp-param-region']).toBeUndefined();
    await connection.close();
  });

  test('that are declared wrongly make the tool unusable: it is not listed and not called', async () => {
    await using server = await startModern((received, response) =>
      sendJson(
        response,
        resultOf(received, { resultType: 'complete', tools: [tool('not a header'), { name: 'plain' }] }),
      ),
    );
    const connection = await connectHttp(contextFor({ url: server.url }));
    const { payload } = await connection.request(exchangeOf('tools/list'));
    expect(payload.value()).toMatchObject({ resultType: 'complete', tools: [{ name: 'plain' }] });
    expect(await failureOf(connection.request(call()))).toMatchObject({ code: 'UPSTREAM_PROTOCOL', mayHaveRun: false });
    await connection.request(exchangeOf('tools/call', { name: 'plain' }));
    expect((await server.next('tools/call')).headers['mcp-name']).toBe('plain');
    await connection.close();
  });

  test('of a client that sends its own are passed on, and nothing else of it', async () => {
    await using server = await startModern((received, response) =>
      sendJson(response, resultOf(received, { tools: [tool('Region')] })),
    );
    const connection = await connectHttp(contextFor({ url: server.url }));
    await connection.request(exchangeOf('tools/list'));
    const parameterHeaders = { 'mcp-param-other': 'theirs', authorization: 'Bearer theirs' };
    await connection.request(exchangeOf('tools/call', call().request.params, { parameterHeaders }));
    const { headers } = await server.next('tools/call');
    expect(headers['mcp-param-other']).toBe('theirs');
    expect(headers['mcp-param-region']).toBeUndefined();
    expect(headers.authorization).toBeUndefined();
    await connection.close();
  });

  /** Wants the header that its list, of two pages, declares now. */
  const strict = (header: string) =>
    startModern((received, response) => {
      const { method, params } = received.message;
      if (method === 'tools/list') {
        const page = params.cursor === undefined ? { tools: [], nextCursor: '2' } : { tools: [tool(header)] };
        return sendJson(response, resultOf(received, page));
      }
      if (received.headers[`mcp-param-${header}`] === 'eu') return sendJson(response, resultOf(received, { ok: true }));
      sendJson(response, errorOf(received, -32020), 400);
    });

  test('are looked up when the server misses them, and the call is sent again', async () => {
    await using server = await strict('region');
    const connection = await connectHttp(contextFor({ url: server.url }));
    const outcomes = await Promise.all([connection.request(call()), connection.request(call())]);
    for (const outcome of outcomes) expect(outcome.payload.value()).toEqual({ ok: true });
    expect(server.count('tools/list')).toBe(2);
    await connection.close();
  });

  test('a second rejection is the outcome', async () => {
    await using server = await startModern((received, response) =>
      received.message.method === 'tools/list'
        ? sendJson(response, resultOf(received, { tools: [] }))
        : sendJson(response, errorOf(received, -32020), 400),
    );
    const connection = await connectHttp(contextFor({ url: server.url }));
    expect((await connection.request(call())).payload.value()).toMatchObject({ code: -32020 });
    expect(server.count('tools/call')).toBe(2);
    await connection.close();
  });

  test('a rejection of the client’s own headers is the outcome at once', async () => {
    await using server = await strict('region');
    const connection = await connectHttp(contextFor({ url: server.url }));
    const exchange = exchangeOf('tools/call', call().request.params, { parameterHeaders: {} });
    expect((await connection.request(exchange)).payload.value()).toMatchObject({ code: -32020 });
    expect(server.count('tools/call')).toBe(1);
    await connection.close();
  });
});

describe('a subscription', () => {
  async function listening() {
    const opened = Promise.withResolvers<{ id: unknown; response: ServerResponse }>();
    const server = await startModern((received, response) => {
      openEvents(response);
      opened.resolve({ id: received.message.id, response });
    });
    const clock = new DrivenClock();
    const connection = await connectHttp(contextFor({ url: server.url, clock, callTimeout: 333 }));
    const controller = new AbortController();
    const exchange = exchangeOf('subscriptions/listen', { filter: {} }, { signal: controller.signal });
    const outcome = connection.request(exchange);
    // A test that ends it by failure looks at it later.
    outcome.catch(() => {});
    const { id, response } = await opened.promise;
    const tell = (method: string) =>
      sendEvent(response, notification(method, { _meta: { [`${META}subscriptionId`]: id } }));
    return {
      server,
      clock,
      connection,
      controller,
      exchange,
      outcome,
      id,
      response,
      tell,
      async [Symbol.asyncDispose]() {
        await connection.close();
        await server[Symbol.asyncDispose]();
      },
    };
  }

  test('outlives the deadline of calls once it is acknowledged, and ends with its result', async () => {
    await using setup = await listening();
    const { exchange, tell, clock, outcome, response, id } = setup;
    tell('notifications/subscriptions/acknowledged');
    await exchange.notified.next();
    await clock.pass((delay) => delay === 333);
    tell('notifications/tools/list_changed');
    expect((await exchange.notified.next()).params).toEqual({ _meta: { [`${META}subscriptionId`]: id } });
    sendEvent(response, { jsonrpc: '2.0', id, result: { resultType: 'complete' } });
    expect((await outcome).payload.value()).toEqual({ resultType: 'complete' });
  });

  test('that is never acknowledged times out', async () => {
    await using setup = await listening();
    await setup.clock.pass((delay) => delay === 333);
    expect(await failureOf(setup.outcome)).toMatchObject({ code: 'UPSTREAM_TIMEOUT', mayHaveRun: false });
  });

  test('ends gracefully with a cancellation by the server as well', async () => {
    await using setup = await listening();
    const { response, id, outcome } = setup;
    sendEvent(response, notification('notifications/cancelled', { requestId: id }));
    response.end();
    expect((await outcome).kind).toBe('result');
  });

  test('that breaks off is unavailable', async () => {
    await using setup = await listening();
    setup.tell('notifications/subscriptions/acknowledged');
    await setup.exchange.notified.next();
    setup.response.destroy();
    expect(await failureOf(setup.outcome)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: false });
  });

  test('ends when its client leaves', async () => {
    await using setup = await listening();
    setup.controller.abort(new Error('gone'));
    await expect(setup.outcome).rejects.toThrow('gone');
    await setup.server.dropped.next();
  });
});
