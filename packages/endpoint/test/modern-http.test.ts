import { describe, expect, test } from 'vitest';
import { HostlerError, Payload } from '@hostler/kernel';
import type { ClientAnswer, JsonObject, Outcome } from '@hostler/kernel';
import { metaKeys, newestModernRevision } from '@hostler/protocol';
import { failure, result } from './support/fake-host.ts';
import { HttpRig, responseOf } from './support/http-rig.ts';
import { legacy, modern, modernHeaders, notification } from './support/messages.ts';

const call = (id: string | number = 1): JsonObject => modern('tools/call', { id, params: { name: 'echo' } });

test('a call whose result comes first is answered with one JSON body', async () => {
  await using rig = await HttpRig.start();
  const answer = await rig.postModern(call(7));
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.headers['content-length']).toBe(String(answer.text.length));
  expect(answer.messages).toEqual([{ jsonrpc: '2.0', id: 7, result: { ok: true } }]);
});

test('the exchange holds the facts of the client and not the metadata that told them', async () => {
  await using rig = await HttpRig.start();
  const message = modern('tools/call', {
    params: { name: 'echo', arguments: { a: 1 }, _meta: { progressToken: 'p' } },
    capabilities: { elicitation: {} },
    logLevel: 'info',
  });
  await rig.postModern(message, { 'mcp-param-region': 'eu' });
  const [exchange] = rig.host.seen;
  expect(exchange?.request).toEqual({
    method: 'tools/call',
    params: { name: 'echo', arguments: { a: 1 }, _meta: { progressToken: 'p' } },
  });
  expect(exchange?.client).toEqual({
    era: 'modern',
    protocolVersion: newestModernRevision,
    capabilities: { elicitation: {} },
    info: { name: 'test', version: '1' },
  });
  expect(exchange?.logLevel).toBe('info');
  expect(exchange?.parameterHeaders).toEqual({ 'mcp-param-region': 'eu' });
  expect(exchange?.consumer).toEqual({ name: 'alice' });
});

test('string ids come back as strings', async () => {
  await using rig = await HttpRig.start();
  expect((await rig.postModern(call('7'))).messages[0]?.['id']).toBe('7');
});

test('notifications come before the result on one stream, in order', async () => {
  await using rig = await HttpRig.start({
    dispatch: (exchange) => {
      for (const progress of [1, 2, 3]) {
        exchange.notify({ method: 'notifications/progress', params: { progressToken: 'p', progress } });
      }
      return result({ ok: true }, 'modern');
    },
  });
  const answer = await rig.postModern(call());
  expect(answer.headers['content-type']).toBe('text/event-stream');
  expect(answer.headers['x-accel-buffering']).toBe('no');
  expect(
    answer.messages.map(({ method, params, result: value }) => [method, (params as JsonObject)?.['progress'], value]),
  ).toEqual([
    ['notifications/progress', 1, undefined],
    ['notifications/progress', 2, undefined],
    ['notifications/progress', 3, undefined],
    [undefined, undefined, { ok: true }],
  ]);
});

test('nothing of a request is sent after its answer', async () => {
  await using rig = await HttpRig.start();
  await rig.postModern(call());
  const [exchange] = rig.host.seen;
  exchange?.notify({ method: 'notifications/progress' });
  await expect(exchange?.ask({ method: 'roots/list' })).rejects.toMatchObject({ code: 'CLIENT_GONE' });
});

test('log messages reach only requests that asked for them, from their level up', async () => {
  await using rig = await HttpRig.start({
    dispatch: (exchange) => {
      for (const level of ['debug', 'warning', 'error']) {
        exchange.notify({ method: 'notifications/message', params: { level, data: 'x' } });
      }
      return result({}, 'modern');
    },
  });
  expect((await rig.postModern(call())).messages).toHaveLength(1);
  const answer = await rig.postModern(modern('tools/list', { logLevel: 'warning' }));
  const levels = answer.messages.map(({ params }) => (params as JsonObject | undefined)?.['level']);
  expect(levels).toEqual(['warning', 'error', undefined]);
});

test('a client that takes only JSON gets only the answer', async () => {
  await using rig = await HttpRig.start({
    dispatch: (exchange) => {
      exchange.notify({ method: 'notifications/progress', params: {} });
      return result({ ok: true }, 'modern');
    },
  });
  const answer = await rig.postModern(call(), { accept: 'application/json' });
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.messages).toHaveLength(1);
});

test('a client that takes only event streams gets its answer as an event', async () => {
  await using rig = await HttpRig.start();
  const answer = await rig.postModern(call(), { accept: 'text/event-stream' });
  expect(answer.headers['content-type']).toBe('text/event-stream');
  expect(answer.messages).toEqual([{ jsonrpc: '2.0', id: 1, result: { ok: true } }]);
});

test('a client that takes neither is refused before its body is read', async () => {
  await using rig = await HttpRig.start();
  const answer = await rig.postModern(call(), { accept: 'text/html' });
  expect(answer.status).toBe(406);
  expect(answer.messages[0]).toMatchObject({ id: null, error: { data: { code: 'HTTP_NOT_ACCEPTABLE' } } });
});

test('a slow answer becomes a stream with signs of life, and its result the last event', async () => {
  const answered = Promise.withResolvers<Outcome>();
  await using rig = await HttpRig.start({ dispatch: () => answered.promise });
  const dispatched = rig.host.nextDispatch();
  const opening = rig.stream('POST', call(), modernHeaders(call()));
  await dispatched;
  rig.clock.advance(10_000);
  const stream = await opening;
  expect(stream.response.headers['content-type']).toBe('text/event-stream');
  await stream.until(({ text }) => text.includes(': keep-alive'));
  rig.clock.advance(15_000);
  await stream.until(({ text }) => text.split(': keep-alive').length === 3);
  answered.resolve(result({ late: true }, 'modern'));
  expect(await stream.event(0)).toEqual({ jsonrpc: '2.0', id: 1, result: { late: true } });
  await stream.end();
});

test('closing the response cancels the request', async () => {
  await using rig = await HttpRig.start({
    dispatch: (exchange) =>
      new Promise((_, reject) => {
        exchange.signal.addEventListener('abort', () => reject(exchange.signal.reason as Error));
      }),
  });
  const dispatched = rig.host.nextDispatch();
  const request = rig.open('POST', { 'content-type': 'application/json', ...modernHeaders(call()) });
  request.on('error', () => {});
  request.end(JSON.stringify(call()));
  const { signal } = await dispatched;
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
  request.destroy();
  await aborted;
  expect(signal.reason).toMatchObject({ code: 'CLIENT_GONE' });
});

test('a signal that is first looked at after the client is gone has fired', async () => {
  const looked = Promise.withResolvers<void>();
  const isAborted = Promise.withResolvers<boolean>();
  await using rig = await HttpRig.start({
    dispatch: async (exchange) => {
      await looked.promise;
      isAborted.resolve(exchange.signal.aborted);
      return result({}, 'modern');
    },
  });
  const dispatched = rig.host.nextDispatch();
  const stream = rig.stream('POST', call(), modernHeaders(call()));
  const exchange = await dispatched;
  exchange.notify({ method: 'notifications/progress', params: {} });
  const { request } = await stream;
  await rig.leave(request);
  // Another request is proof that the server had its turn.
  await rig.post(legacy('ping'));
  looked.resolve();
  expect(await isAborted.promise).toBe(true);
});

test('a modern client cannot be asked', async () => {
  let answer: Promise<ClientAnswer> | undefined;
  await using rig = await HttpRig.start({
    dispatch: async (exchange) => {
      answer = exchange.ask({ method: 'elicitation/create', params: {} });
      await expect(answer).rejects.toMatchObject({ code: 'CLIENT_CANNOT_BE_ASKED' });
      return result({}, 'modern');
    },
  });
  const { messages } = await rig.postModern(modern('tools/list', { capabilities: { elicitation: {} } }));
  expect(messages).toHaveLength(1);
  expect(answer).toBeDefined();
});

test('server/discover tells of the host without asking its servers', async () => {
  await using rig = await HttpRig.start();
  const answer = await rig.postModern(modern('server/discover'));
  expect(answer.messages[0]?.['result']).toMatchObject({
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: { listChanged: true } },
    _meta: { [metaKeys.serverInfo]: { name: 'fake', version: '1.2.3' } },
  });
  expect(rig.host.seen).toHaveLength(0);
});

test.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'nope', 'tasks/list'])(
  '%s does not exist in the modern era: 404',
  async (method) => {
    await using rig = await HttpRig.start();
    const answer = await rig.postModern(modern(method, { id: 'x' }));
    expect(answer.status).toBe(404);
    expect(answer.messages[0]).toMatchObject({ id: 'x', error: { code: -32601 } });
    expect(rig.host.seen).toHaveLength(0);
  },
);

test('notifications are taken and come to nothing', async () => {
  await using rig = await HttpRig.start();
  const headers = { 'mcp-protocol-version': '2026-07-28' };
  const answer = await rig.post(notification('notifications/cancelled', { requestId: 1 }), headers);
  expect([answer.status, answer.text]).toEqual([202, '']);
});

test.each(['GET', 'DELETE', 'PUT', 'PATCH'])('%s is not for modern clients: 405', async (method) => {
  await using rig = await HttpRig.start();
  const answer = await rig.get(method, { 'mcp-protocol-version': '2026-07-28' });
  expect(answer.status).toBe(405);
  expect(answer.headers.allow).toBe('POST');
});

const limited = { fault: 'caller', retryable: true, message: 'No.' } as const;

test.each([
  ['METHOD', { http: 404, rpc: -32601 }, 404, undefined],
  ['PARAMS', { http: 404, rpc: -32602 }, 200, undefined],
  ['CAPABILITY', { http: 400, rpc: -32021 }, 400, undefined],
  ['LIMIT', { http: 429, rpc: -32015 }, 429, '1'],
  ['OVERLOADED', { http: 503, rpc: -32016 }, 503, '1'],
  ['UNAVAILABLE', { http: 503, rpc: -32010 }, 200, undefined],
])('an error of the host, %s %o, is answered with status %i', async (name, kind, status, retryAfter) => {
  await using rig = await HttpRig.start({
    dispatch: () => Promise.reject(new HostlerError(`TEST_${name}`, { ...limited, ...kind })),
  });
  const answer = await rig.postModern(call(3));
  expect(answer.status).toBe(status);
  expect(answer.headers['retry-after']).toBe(retryAfter);
  expect(answer.messages[0]).toMatchObject({ id: 3, error: { code: kind.rpc, data: { code: `TEST_${name}` } } });
});

test('a limit that says when it ends is answered with that time', async () => {
  const kind = { ...limited, http: 429, rpc: -32015 };
  await using rig = await HttpRig.start({
    dispatch: () => Promise.reject(new HostlerError('LIMIT_EXCEEDED', kind, { details: { retryAfter: 12.2 } })),
  });
  expect((await rig.postModern(call())).headers['retry-after']).toBe('13');
});

test.each([
  [-32601, 404],
  [-32020, 400],
  [-32021, 400],
  [-32022, 400],
  [-32602, 200],
  [-1, 200],
])('an error %i of a modern server is passed on with status %i', async (code, status) => {
  const error = { code, message: 'from the server', data: { requiredCapabilities: { sampling: {} } } };
  await using rig = await HttpRig.start({ dispatch: () => failure(error, 'modern') });
  const answer = await rig.postModern(call());
  expect(answer.status).toBe(status);
  expect(answer.messages[0]?.['error']).toEqual(error);
});

test('what nobody foresaw is logged with its cause and told without it', async () => {
  const cause = new TypeError('secret path /etc/x');
  await using rig = await HttpRig.start({ dispatch: () => Promise.reject(cause) });
  const answer = await rig.postModern(call(5));
  expect(answer.messages[0]).toMatchObject({ id: 5, error: { code: -32603, message: 'Internal error.' } });
  expect(answer.text).not.toContain('secret');
  const record = rig.log.records.find(({ level }) => level === 'error');
  expect(record?.fields).toMatchObject({ error: cause, requestId: rig.host.seen[0]?.id });
});

test('the result of a legacy server becomes a modern one, with its bytes kept', async () => {
  const bytes = Buffer.from('{"content":[],"big":12345678901234567890}');
  await using rig = await HttpRig.start({
    dispatch: () => ({ kind: 'result', era: 'legacy', payload: Payload.ofBytes(bytes) }),
  });
  const answer = await rig.postModern(call());
  expect(answer.text).toContain('12345678901234567890');
  expect(answer.messages[0]?.['result']).toMatchObject({
    resultType: 'complete',
    _meta: { [metaKeys.serverInfo]: { name: 'fake', version: '1.2.3' } },
  });
  await rig.postModern(call());
  expect(rig.host.describes).toBe(1);
});

test('a result is not lost because its server cannot be described', async () => {
  await using rig = await HttpRig.start({
    dispatch: () => result({ content: [] }, 'legacy'),
    describe: () => Promise.reject(new Error('down')),
  });
  rig.caller = { scope: { kind: 'server', name: 'github' }, consumer: { name: 'alice' } };
  const { messages } = await rig.postModern(call());
  expect(messages[0]?.['result']).toMatchObject({ _meta: { [metaKeys.serverInfo]: { name: 'github', version: '0' } } });
});

test('a subscription is a stream whose messages carry the id of the listen request', async () => {
  const ended = Promise.withResolvers<void>();
  await using rig = await HttpRig.start({
    dispatch: async (exchange) => {
      const params = { _meta: { [metaKeys.subscriptionId]: 99, kept: true } };
      exchange.notify({ method: 'notifications/subscriptions/acknowledged', params });
      exchange.notify({ method: 'notifications/tools/list_changed' });
      await ended.promise;
      return result({ resultType: 'complete', _meta: { [metaKeys.subscriptionId]: 99 } }, 'modern');
    },
  });
  const listen = modern('subscriptions/listen', { id: 'sub' });
  const stream = await rig.stream('POST', listen, modernHeaders(listen));
  expect(await stream.event(0)).toMatchObject({
    method: 'notifications/subscriptions/acknowledged',
    params: { _meta: { [metaKeys.subscriptionId]: 'sub', kept: true } },
  });
  expect(await stream.event(1)).toMatchObject({ params: { _meta: { [metaKeys.subscriptionId]: 'sub' } } });
  ended.resolve();
  expect(await stream.event(2)).toMatchObject({ id: 'sub', result: { _meta: { [metaKeys.subscriptionId]: 'sub' } } });
  await stream.end();
});

test('a subscription needs a client that takes streams', async () => {
  await using rig = await HttpRig.start();
  const answer = await rig.postModern(modern('subscriptions/listen'), { accept: 'application/json' });
  expect(answer.status).toBe(406);
});

test('one consumer cannot take all streams, and closing one makes room', async () => {
  await using rig = await HttpRig.start({
    limits: { streamsPerConsumer: 2 },
    dispatch: (exchange) => {
      exchange.notify({ method: 'notifications/subscriptions/acknowledged' });
      return new Promise((_, reject) => {
        exchange.signal.addEventListener('abort', () => reject(exchange.signal.reason as Error));
      });
    },
  });
  const listen = modern('subscriptions/listen');
  const open = () => rig.stream('POST', listen, modernHeaders(listen));
  const first = await open();
  await open();
  const refused = await rig.postModern(listen);
  expect(refused.status).toBe(429);
  expect(refused.messages[0]).toMatchObject({ error: { code: -32015, data: { code: 'HTTP_TOO_MANY_STREAMS' } } });
  rig.caller = { ...rig.caller, consumer: { name: 'bob' } };
  const others = await open();
  expect(others.response.statusCode).toBe(200);
  rig.caller = { ...rig.caller, consumer: { name: 'alice' } };
  const aborted = new Promise((resolve) => rig.host.seen[0]?.signal.addEventListener('abort', resolve));
  first.request.destroy();
  await aborted;
  expect((await open()).response.statusCode).toBe(200);
});

test('requests beyond the limit of the endpoint are refused', async () => {
  const held = Promise.withResolvers<Outcome>();
  await using rig = await HttpRig.start({ limits: { inFlight: 1 }, dispatch: () => held.promise });
  const dispatched = rig.host.nextDispatch();
  const first = rig.postModern(call(1));
  await dispatched;
  const second = await rig.postModern(call(2));
  expect(second.status).toBe(429);
  expect(second.headers['retry-after']).toBe('1');
  held.resolve(result({}, 'modern'));
  expect((await first).status).toBe(200);
  expect((await rig.postModern(call(3))).status).toBe(200);
});

test('a scope that does not exist for this consumer is not found, whatever the method', async () => {
  await using rig = await HttpRig.start({ has: () => false });
  rig.caller = { scope: { kind: 'server', name: 'hidden' }, consumer: { name: 'alice' } };
  const posted = await rig.postModern(call());
  expect(posted.status).toBe(404);
  expect(posted.messages[0]).toMatchObject({ error: { code: -32602, data: { code: 'ROUTE_NOT_FOUND' } } });
  expect((await rig.get('GET')).status).toBe(404);
  expect(rig.host.seen).toHaveLength(0);
});

test('one connection serves request after request', async () => {
  await using rig = await HttpRig.start();
  const body = JSON.stringify(call());
  const head = Object.entries({ ...modernHeaders(call()), host: 'localhost', 'content-type': 'application/json' })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const request = `POST /mcp HTTP/1.1\r\n${head}content-length: ${body.length}\r\n`;
  const received = await rig.raw(`${request}\r\n${body}${request}connection: close\r\n\r\n${body}`);
  expect(received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
});

test('an answer to a request that waited for its body in pieces', async () => {
  await using rig = await HttpRig.start();
  const request = rig.open('POST', { 'content-type': 'application/json', ...modernHeaders(call()) });
  const response = responseOf(request);
  for (const character of JSON.stringify(call())) request.write(character);
  request.end();
  expect((await response).statusCode).toBe(200);
});

describe('what a consumer had to prove itself for', () => {
  const listed = (of: object): Outcome => result({ resultType: 'complete', ttlMs: 9, tools: [], ...of }, 'modern');
  const scopeOf = ({ messages }: { readonly messages: readonly JsonObject[] }): unknown =>
    (messages[0]?.['result'] as JsonObject | undefined)?.['cacheScope'];

  test.each([
    [undefined, { cacheScope: 'public' }, 'public'],
    [{ method: 'key' } as const, { cacheScope: 'public' }, 'private'],
    [{ method: 'key' } as const, { _meta: { cacheScope: 'public' } }, undefined],
    [{ method: 'key' } as const, { cacheScope: 'private', note: 'public' }, 'private'],
  ])('is for nobody else to keep: %j, %j', async (identity, said, expected) => {
    await using rig = await HttpRig.start({ dispatch: () => listed(said) });
    rig.caller = { scope: { kind: 'server', name: 'one' }, consumer: { name: 'a', ...(identity && { identity }) } };
    expect(scopeOf(await rig.postModern(modern('tools/list')))).toBe(expected);
  });

  test('is not what a server says of itself either', async () => {
    const original = { cacheScope: 'public', ttlMs: 9, capabilities: {} };
    await using rig = await HttpRig.start();
    rig.host.describe = () => Promise.resolve({ era: 'modern', revisions: [], info: {}, capabilities: {}, original });
    const ask = async (): Promise<unknown> => scopeOf(await rig.postModern(modern('server/discover')));
    expect(await ask()).toBe('public');
    rig.caller = { ...rig.caller, consumer: { name: 'a', identity: { method: 'key' } } };
    expect(await ask()).toBe('private');
  });
});
