import { expect, test } from 'vitest';
import type { ClientAnswer, Exchange, JsonObject, Outcome } from '@hostler/kernel';
import type { HostEvent } from '@hostler/host';
import type { ServerDescription } from '@hostler/protocol';
import { description, failure, result } from './support/fake-host.ts';
import { HttpRig, responseOf, withPatience } from './support/http-rig.ts';
import type { Headers } from './support/http-rig.ts';
import { initialize, legacy, notification } from './support/messages.ts';

/** Waits for the signal, as a server does that takes long. */
function untilAborted({ signal }: Exchange): Promise<Outcome> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

test('initialize opens a session and tells of the host', async () => {
  await using rig = await HttpRig.start();
  const answer = await rig.post(initialize({ roots: {} }));
  expect(answer.status).toBe(200);
  expect(answer.headers['mcp-session-id']).toMatch(/^[\w-]{43}$/);
  expect(answer.messages[0]).toEqual({
    jsonrpc: '2.0',
    id: 0,
    result: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: { listChanged: true }, logging: {} },
      serverInfo: { name: 'fake', version: '1.2.3' },
    },
  });
  expect(rig.endpoint.sessions()).toBe(1);
});

test.each([
  ['2024-11-05', '2024-11-05'],
  ['2025-06-18', '2025-06-18'],
  ['2026-07-28', '2025-11-25'],
  ['1999-01-01', '2025-11-25'],
])('a client that asks for %s gets %s', async (requested, negotiated) => {
  await using rig = await HttpRig.start();
  const answer = await rig.post(initialize({}, requested));
  expect(answer.messages[0]?.['result']).toMatchObject({ protocolVersion: negotiated });
});

test.each([
  {},
  { protocolVersion: 1 },
  { protocolVersion: '2025-11-25', capabilities: [] },
  {
    protocolVersion: '2025-11-25',
    clientInfo: 'me',
  },
] as JsonObject[])('initialize with %o is refused and leaves no session', async (params) => {
  await using rig = await HttpRig.start();
  const answer = await rig.post(legacy('initialize', 1, params));
  expect(answer.status).toBe(400);
  expect(answer.messages[0]).toMatchObject({ id: 1, error: { code: -32602 } });
  expect(rig.endpoint.sessions()).toBe(0);
});

test('a host that cannot be described leaves no session behind', async () => {
  await using rig = await HttpRig.start({ describe: () => Promise.reject(new Error('x')) });
  const answer = await rig.post(initialize());
  expect(answer.status).toBe(500);
  expect(answer.headers['mcp-session-id']).toBeUndefined();
  expect(rig.endpoint.sessions()).toBe(0);
  expect(rig.host.endedSessions).toHaveLength(1);
});

test('requests of a session reach the host with the session’s client', async () => {
  await using rig = await HttpRig.start();
  const session = await rig.initialize({ sampling: {} });
  const answer = await rig.post(legacy('tools/call', 'a', { name: 'echo' }), session);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.messages[0]).toEqual({ jsonrpc: '2.0', id: 'a', result: { ok: true } });
  const [exchange] = rig.host.seen;
  expect(exchange?.client).toMatchObject({
    era: 'legacy',
    protocolVersion: '2025-11-25',
    capabilities: { sampling: {} },
    info: { name: 'test' },
    session: { id: session['mcp-session-id'] },
  });
});

test('ping is answered here', async () => {
  await using rig = await HttpRig.start();
  const answer = await rig.post(legacy('ping', 9), await rig.initialize());
  expect(answer.messages[0]).toEqual({ jsonrpc: '2.0', id: 9, result: {} });
  expect(rig.host.seen).toHaveLength(0);
});

test.each(['server/discover', 'subscriptions/listen', 'nope', 'initialized'])(
  '%s does not exist in the legacy era, which says so with status 200',
  async (method) => {
    await using rig = await HttpRig.start();
    const answer = await rig.post(legacy(method), await rig.initialize());
    expect(answer.status).toBe(200);
    expect(answer.messages[0]).toMatchObject({ id: 1, error: { code: -32601 } });
  },
);

test('errors of the host and its servers come with status 200', async () => {
  const error = { code: -32601, message: 'no such method', data: 1 };
  await using rig = await HttpRig.start({ dispatch: () => failure(error, 'legacy') });
  const answer = await rig.post(legacy('tools/list'), await rig.initialize());
  expect([answer.status, answer.messages[0]?.['error']]).toEqual([200, error]);
});

test('a session is needed: none is 400, an unknown one 404', async () => {
  await using rig = await HttpRig.start();
  const missing = await rig.post(legacy('tools/list', 4));
  expect(missing.status).toBe(400);
  expect(missing.messages[0]).toMatchObject({ id: 4, error: { data: { code: 'HTTP_SESSION_MISSING' } } });
  const unknown = await rig.post(legacy('tools/list', 4), { 'mcp-session-id': 'A'.repeat(43) });
  expect(unknown.status).toBe(404);
  expect(unknown.messages[0]).toMatchObject({ id: 4, error: { data: { code: 'HTTP_SESSION_UNKNOWN' } } });
  expect(rig.host.seen).toHaveLength(0);
});

const everything = [
  ['POST', legacy('tools/list')],
  ['POST', notification('notifications/initialized')],
  ['POST', { jsonrpc: '2.0', id: 1, result: {} }],
  ['GET', undefined],
  ['DELETE', undefined],
] as const;

test.each(everything)('another caller’s session is as good as none: %s %o', async (method, message) => {
  await using rig = await HttpRig.start();
  const owner = rig.caller;
  const stolen = await rig.initialize();
  const send = async (session: Headers) => {
    const answer = message ? await rig.post(message, session) : await rig.get(method, session);
    return { ...answer, text: answer.text.replace(/"requestId":"[^"]*"/, ''), headers: undefined, messages: undefined };
  };
  const thieves = [
    { ...owner, consumer: { name: 'mallory' } },
    { ...owner, scope: { kind: 'server', name: 'github' } } as const,
  ];
  for (const thief of thieves) {
    rig.caller = thief;
    // oxlint-disable-next-line no-await-in-loop -- one after the other: they share the rig
    const [theft, guess] = [await send(stolen), await send({ 'mcp-session-id': 'A'.repeat(43) })];
    expect(theft).toEqual(guess);
    expect(theft.status).toBe(404);
  }
  rig.caller = owner;
  expect((await rig.post(legacy('ping'), stolen)).status).toBe(200);
});

test('a session of one server is not one of another server', async () => {
  await using rig = await HttpRig.start();
  rig.caller = { scope: { kind: 'server', name: 'one' }, consumer: { name: 'alice' } };
  const session = await rig.initialize();
  rig.caller = { scope: { kind: 'server', name: 'two' }, consumer: { name: 'alice' } };
  expect((await rig.post(legacy('ping'), session)).status).toBe(404);
  rig.caller = { scope: { kind: 'all' }, consumer: { name: 'alice' } };
  expect((await rig.post(legacy('ping'), session)).status).toBe(404);
});

test.each([
  ['2025-06-18', 200],
  ['2024-11-05', 200],
  ['1999-01-01', 400],
  ['v999.0.0', 400],
])('a later request with MCP-Protocol-Version %s has status %i', async (version, status) => {
  await using rig = await HttpRig.start();
  const session = await rig.initialize();
  const answer = await rig.post(legacy('tools/list'), { ...session, 'mcp-protocol-version': version });
  expect(answer.status).toBe(status);
});

test('a later request without MCP-Protocol-Version is fine', async () => {
  await using rig = await HttpRig.start();
  const session = await rig.initialize();
  expect((await rig.post(legacy('ping'), { 'mcp-session-id': session['mcp-session-id']! })).status).toBe(200);
});

test('DELETE ends the session, what is under way in it and its stream', async () => {
  await using rig = await HttpRig.start({ dispatch: untilAborted });
  const session = await rig.initialize();
  const stream = await rig.stream('GET', undefined, session);
  const dispatched = rig.host.nextDispatch();
  const pending = rig.post(legacy('tools/call', 1, { name: 'slow' }), session);
  const exchange = await dispatched;
  expect(exchange.signal.aborted).toBe(false);
  const deleted = await rig.get('DELETE', session);
  expect([deleted.status, deleted.text]).toEqual([204, '']);
  expect(exchange.signal.reason).toMatchObject({ code: 'CLIENT_SESSION_ENDED' });
  await stream.end();
  expect((await pending).messages).toEqual([]);
  expect(rig.host.endedSessions).toEqual([session['mcp-session-id']]);
  expect((await rig.post(legacy('ping'), session)).status).toBe(404);
  expect(rig.endpoint.sessions()).toBe(0);
});

test('notifications/cancelled ends the request of that id in this session, without an answer', async () => {
  await using rig = await HttpRig.start({ dispatch: untilAborted });
  const [mine, other] = [await rig.initialize(), await rig.initialize()];
  const dispatched = rig.host.nextDispatch();
  const pending = rig.post(legacy('tools/call', 'x', { name: 'slow' }), mine);
  const { signal } = await dispatched;
  const cancel = notification('notifications/cancelled', { requestId: 'x', reason: 'changed my mind' });
  expect((await rig.post(cancel, other)).status).toBe(202);
  expect(signal.aborted).toBe(false);
  expect((await rig.post(cancel, mine)).status).toBe(202);
  expect(signal.reason).toMatchObject({ code: 'CLIENT_CANCELLED' });
  const answer = await pending;
  expect([answer.status, answer.messages]).toEqual([200, []]);
});

test('a cancelled request of a client that takes only JSON ends with an error, since something must come', async () => {
  await using rig = await HttpRig.start({ dispatch: untilAborted });
  const session = await rig.initialize();
  const dispatched = rig.host.nextDispatch();
  const pending = rig.post(legacy('tools/call', 'x'), { ...session, accept: 'application/json' });
  await dispatched;
  await rig.post(notification('notifications/cancelled', { requestId: 'x' }), session);
  const answer = await pending;
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.messages[0]).toMatchObject({ id: 'x', error: { data: { code: 'CLIENT_CANCELLED' } } });
});

test('what breaks in a request that was cancelled is no news', async () => {
  await using rig = await HttpRig.start({
    dispatch: ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new TypeError('socket closed')))),
  });
  const session = await rig.initialize();
  const dispatched = rig.host.nextDispatch();
  const pending = rig.post(legacy('tools/call', 'x'), session);
  const { signal } = await dispatched;
  await rig.post(notification('notifications/cancelled', { requestId: 'x' }), session);
  expect(signal.aborted).toBe(true);
  expect((await pending).messages).toEqual([]);
  expect(rig.log.messages('error')).toEqual([]);
});

test('an id that is in flight cannot be used again, and can afterwards', async () => {
  const held = Promise.withResolvers<Outcome>();
  await using rig = await HttpRig.start({ dispatch: () => held.promise });
  const session = await rig.initialize();
  const dispatched = rig.host.nextDispatch();
  const first = rig.post(legacy('tools/list', 1), session);
  await dispatched;
  expect((await rig.post(legacy('tools/list', 1), session)).messages[0]).toMatchObject({
    id: 1,
    error: { code: -32600 },
  });
  // A string is another id than the number that it looks like.
  const second = rig.post(legacy('tools/list', '1'), session);
  held.resolve(result({}, 'legacy'));
  expect((await second).messages[0]).toEqual({ jsonrpc: '2.0', id: '1', result: {} });
  expect((await first).messages[0]).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  expect((await rig.post(legacy('tools/list', 1), session)).messages[0]).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
});

test('the same id in two sessions is two requests', async () => {
  const held = [Promise.withResolvers<Outcome>(), Promise.withResolvers<Outcome>()];
  await using rig = await HttpRig.start({ dispatch: () => held[rig.host.seen.length - 1]!.promise });
  const sessions = [await rig.initialize(), await rig.initialize()];
  const answers = [];
  for (const session of sessions) {
    const dispatched = rig.host.nextDispatch();
    answers.push(rig.post(legacy('tools/list', 1), session));
    // oxlint-disable-next-line no-await-in-loop -- the order decides which is which
    await dispatched;
  }
  held[1]!.resolve(result({ of: 'second' }, 'legacy'));
  held[0]!.resolve(result({ of: 'first' }, 'legacy'));
  const results = (await Promise.all(answers)).map(({ messages }) => messages[0]?.['result']);
  expect(results).toEqual([{ of: 'first' }, { of: 'second' }]);
});

test('requests beyond the limit of a session are refused', async () => {
  const held = Promise.withResolvers<Outcome>();
  await using rig = await HttpRig.start({ limits: { inFlightPerSession: 1 }, dispatch: () => held.promise });
  const session = await rig.initialize();
  const dispatched = rig.host.nextDispatch();
  const first = rig.post(legacy('tools/list', 1), session);
  await dispatched;
  const second = await rig.post(legacy('tools/list', 2), session);
  expect([second.status, second.headers['retry-after']]).toEqual([429, '1']);
  held.resolve(result({}, 'legacy'));
  expect((await first).status).toBe(200);
});

test('a question goes out on the stream of its call and its answer comes back by another POST', async () => {
  let answered: ClientAnswer | undefined;
  await using rig = await HttpRig.start({
    dispatch: async (exchange) => {
      exchange.notify({ method: 'notifications/progress', params: { progress: 1 } });
      answered = await exchange.ask({ method: 'elicitation/create', params: { message: 'Sure?' } });
      return result({ ok: true }, 'legacy');
    },
  });
  const session = await rig.initialize({ elicitation: {} });
  const stream = await rig.stream('POST', legacy('tools/call', 1, { name: 'ask' }), session);
  expect(await stream.event(0)).toMatchObject({ method: 'notifications/progress' });
  const question = await stream.event(1);
  expect(question).toMatchObject({ method: 'elicitation/create', params: { message: 'Sure?' } });
  const response = { jsonrpc: '2.0', id: question['id']!, result: { action: 'accept' } };
  expect((await rig.post(response, session)).status).toBe(202);
  expect(await stream.event(2)).toEqual({ jsonrpc: '2.0', id: 1, result: { ok: true } });
  await stream.end();
  expect(answered).toEqual({ kind: 'result', result: { action: 'accept' } });
});

test('an error is an answer too, and the answer of another session is none', async () => {
  let answered: ClientAnswer | undefined;
  await using rig = await HttpRig.start({
    dispatch: async (exchange) => {
      answered = await exchange.ask({ method: 'roots/list' });
      return result({}, 'legacy');
    },
  });
  const session = await rig.initialize({ roots: {} });
  const other = await rig.initialize({ roots: {} });
  const stream = await rig.stream('POST', legacy('tools/call', 1, { name: 'ask' }), session);
  const { id } = await stream.event(0);
  await rig.post({ jsonrpc: '2.0', id: id!, result: { roots: ['forged'] } }, other);
  await rig.post({ jsonrpc: '2.0', id: id!, error: { code: -1, message: 'no' } }, session);
  await stream.event(1);
  expect(answered).toEqual({ kind: 'error', error: { code: -1, message: 'no' } });
});

test.each([
  [{}, { method: 'elicitation/create' }],
  [{ sampling: {} }, { method: 'roots/list' }],
  [{ roots: {} }, { method: 'sampling/createMessage' }],
  [{ elicitation: {} }, { method: 'elicitation/create', params: { mode: 'url' } }],
  [{ elicitation: { url: {} } }, { method: 'elicitation/create', params: { mode: 'form' } }],
  [{ elicitation: {} }, { method: 'tasks/list' }],
] as Array<[JsonObject, { method: string; params?: JsonObject }]>)(
  'a client with capabilities %o is not asked %o',
  async (capabilities, question) => {
    let refused: unknown;
    await using rig = await HttpRig.start({
      dispatch: async (exchange) => {
        refused = await exchange.ask(question).catch((thrown: unknown) => thrown);
        return result({}, 'legacy');
      },
    });
    const session = await rig.initialize(capabilities);
    const { messages } = await rig.post(legacy('tools/call', 1, { name: 'ask' }), session);
    expect(messages).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
    expect(refused).toMatchObject({ code: 'CLIENT_CANNOT_BE_ASKED' });
  },
);

test('a client that takes only JSON and has no stream cannot be asked', async () => {
  let refused: unknown;
  await using rig = await HttpRig.start({
    dispatch: async (exchange) => {
      refused = await exchange.ask({ method: 'roots/list' }).catch((thrown: unknown) => thrown);
      return result({}, 'legacy');
    },
  });
  const session = await rig.initialize({ roots: {} });
  await rig.post(legacy('tools/call', 1), { ...session, accept: 'application/json' });
  expect(refused).toMatchObject({ code: 'CLIENT_CANNOT_BE_ASKED', message: expect.stringContaining('no stream open') });
});

test('a question that nobody answers ends after its time and is withdrawn', async () => {
  let refused: unknown;
  await using rig = await HttpRig.start({
    dispatch: async (exchange) => {
      refused = await exchange.ask({ method: 'roots/list' }).catch((thrown: unknown) => thrown);
      return result({}, 'legacy');
    },
  });
  const session = await rig.initialize({ roots: {} });
  const stream = await rig.stream('POST', legacy('tools/call', 1), session);
  const { id } = await stream.event(0);
  await rig.clock.pass(5 * 60_000);
  expect(await stream.event(1)).toMatchObject({ method: 'notifications/cancelled', params: { requestId: id } });
  await stream.event(2);
  expect(refused).toMatchObject({ code: 'CLIENT_DID_NOT_ANSWER' });
});

test('a client that goes away leaves no question open', async () => {
  const refused = Promise.withResolvers<unknown>();
  await using rig = await HttpRig.start({
    dispatch: async (exchange) => {
      refused.resolve(await exchange.ask({ method: 'roots/list' }).catch((thrown: unknown) => thrown));
      return result({}, 'legacy');
    },
  });
  const session = await rig.initialize({ roots: {} });
  const stream = await rig.stream('POST', legacy('tools/call', 1), session);
  await stream.event(0);
  stream.request.destroy();
  expect(await withPatience(refused.promise, 'the end of the question')).toMatchObject({ code: 'CLIENT_GONE' });
});

test('the session’s own questions go out on its stream', async () => {
  await using rig = await HttpRig.start();
  const session = await rig.initialize({ roots: {} });
  await rig.post(legacy('tools/list'), session);
  const { session: channel } = rig.host.seen[0]!.client;
  const { signal } = new AbortController();
  await expect(channel?.ask({ method: 'roots/list' }, signal)).rejects.toMatchObject({
    code: 'CLIENT_CANNOT_BE_ASKED',
  });
  const stream = await rig.stream('GET', undefined, session);
  channel?.notify({ method: 'notifications/tools/list_changed' });
  expect(await stream.event(0)).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
  const asked = channel?.ask({ method: 'roots/list' }, signal);
  const { id } = await stream.event(1);
  await rig.post({ jsonrpc: '2.0', id: id!, result: { roots: [] } }, session);
  expect(await asked).toEqual({ kind: 'result', result: { roots: [] } });
});

test('without a stream of its own the session asks on the answer of a call that is under way', async () => {
  const held = Promise.withResolvers<Outcome>();
  await using rig = await HttpRig.start({ dispatch: () => held.promise });
  const session = await rig.initialize({ roots: {} });
  const dispatched = rig.host.nextDispatch();
  const opening = rig.stream('POST', legacy('tools/call', 1), session);
  const { client } = await dispatched;
  const asked = client.session?.ask({ method: 'roots/list' }, new AbortController().signal);
  const stream = await opening;
  const { id } = await stream.event(0);
  await rig.post({ jsonrpc: '2.0', id: id!, result: {} }, session);
  expect(await asked).toMatchObject({ kind: 'result' });
  held.resolve(result({}, 'legacy'));
  await stream.end();
});

test('the end of the session ends its own questions', async () => {
  await using rig = await HttpRig.start();
  const session = await rig.initialize({ roots: {} });
  await rig.post(legacy('tools/list'), session);
  const stream = await rig.stream('GET', undefined, session);
  const asked = rig.host.seen[0]!.client.session!.ask({ method: 'roots/list' }, new AbortController().signal);
  const refused = asked.catch((thrown: unknown) => thrown);
  await stream.event(0);
  await rig.get('DELETE', session);
  expect(await refused).toMatchObject({ code: 'CLIENT_SESSION_ENDED' });
});

test('a question whose signal fires is withdrawn', async () => {
  await using rig = await HttpRig.start();
  const session = await rig.initialize({ roots: {} });
  await rig.post(legacy('tools/list'), session);
  const stream = await rig.stream('GET', undefined, session);
  const controller = new AbortController();
  const asked = rig.host.seen[0]!.client.session!.ask({ method: 'roots/list' }, controller.signal);
  const { id } = await stream.event(0);
  const reason = new Error('no longer wanted');
  controller.abort(reason);
  await expect(asked).rejects.toBe(reason);
  expect(await stream.event(1)).toMatchObject({ method: 'notifications/cancelled', params: { requestId: id } });
});

test('the stream of a session needs a client that takes streams', async () => {
  await using rig = await HttpRig.start();
  const session = await rig.initialize();
  expect((await rig.get('GET', { ...session, accept: 'application/json' })).status).toBe(406);
  expect((await rig.get('GET', { accept: 'text/event-stream' })).status).toBe(400);
});

test('a second stream takes the place of the first, even at the limit', async () => {
  await using rig = await HttpRig.start({ limits: { streamsPerConsumer: 1 } });
  const session = await rig.initialize();
  const first = await rig.stream('GET', undefined, session);
  const second = await rig.stream('GET', undefined, session);
  await first.end();
  rig.host.emit({ server: 's', notification: { method: 'notifications/tools/list_changed' } });
  await second.event(0);
  expect(first.events).toHaveLength(0);
  const other = await rig.initialize();
  expect((await rig.get('GET', other)).status).toBe(429);
});

test('an idle stream shows signs of life', async () => {
  await using rig = await HttpRig.start();
  const stream = await rig.stream('GET', undefined, await rig.initialize());
  expect(stream.response.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'x-accel-buffering': 'no',
    'cache-control': 'no-cache, no-transform',
  });
  await rig.clock.pass(14_000);
  rig.host.emit({ server: 's', notification: { method: 'notifications/tools/list_changed' } });
  await stream.event(0);
  expect(stream.text).not.toContain('keep-alive');
  await rig.clock.pass(15_000);
  await stream.until(({ text }) => text.endsWith(': keep-alive\n\n'));
});

test('events of the host reach the sessions whose scope and consumer they concern', async () => {
  await using rig = await HttpRig.start({
    has: (scope, consumer) => scope.kind === 'all' || scope.name !== 'secret' || consumer.name === 'bob',
  });
  const open = async (caller: HttpRig['caller']) => {
    rig.caller = caller;
    return rig.stream('GET', undefined, await rig.initialize());
  };
  const all = await open({ scope: { kind: 'all' }, consumer: { name: 'alice' } });
  const one = await open({ scope: { kind: 'server', name: 'one' }, consumer: { name: 'alice' } });
  const bob = await open({ scope: { kind: 'all' }, consumer: { name: 'bob' } });
  for (const server of ['secret', 'two', 'one']) {
    rig.host.emit({ server, notification: { method: 'notifications/tools/list_changed', params: { server } } });
  }
  const servers = async (stream: typeof all, count: number) => {
    await stream.event(count - 1);
    return stream.events.map(({ params }) => (params as JsonObject)['server']);
  };
  expect(await servers(bob, 3)).toEqual(['secret', 'two', 'one']);
  expect(await servers(all, 2)).toEqual(['two', 'one']);
  expect(await servers(one, 1)).toEqual(['one']);
});

test('an event reaches the clients that are served by the connection over which it came, in its scope', async () => {
  await using rig = await HttpRig.start();
  const open = async (scope: HttpRig['caller']['scope'], name: string) => {
    rig.caller = { scope, consumer: { name } };
    return rig.stream('GET', undefined, await rig.initialize());
  };
  const streams = [
    await open({ kind: 'all' }, 'alice'),
    await open({ kind: 'all' }, 'bob'),
    await open({ kind: 'server', name: 's' }, 'alice'),
  ];
  const emit = (n: number, event: Partial<HostEvent> = {}) =>
    rig.host.emit({
      server: 's',
      notification: { method: 'notifications/tools/list_changed', params: { n } },
      ...event,
    });
  emit(1, { reaches: ({ consumer, client }) => consumer.name === 'alice' && client.session !== undefined });
  emit(2, { scope: 'all' });
  emit(3, { scope: 'server' });
  emit(4);
  const numbers = await Promise.all(
    streams.map(async (stream) => {
      await stream.until(({ text }) => text.includes('"n":4'));
      return stream.events.map(({ params }) => (params as JsonObject)['n']);
    }),
  );
  expect(numbers).toEqual([
    [1, 2, 4],
    [2, 4],
    [1, 3, 4],
  ]);
});

test('what the host says to a session goes out on its own stream', async () => {
  await using rig = await HttpRig.start({
    dispatch: ({ client }) => {
      client.session?.notify({ method: 'notifications/resources/updated', params: { uri: 'a:1' } });
      return result({}, 'legacy');
    },
  });
  const session = await rig.initialize();
  const stream = await rig.stream('GET', undefined, session);
  await rig.post(legacy('resources/subscribe', 1, { uri: 'a:1' }), session);
  expect(await stream.event(0)).toMatchObject({ method: 'notifications/resources/updated', params: { uri: 'a:1' } });
});

test('sessions hear that the tools of a server that was removed are gone', async () => {
  await using rig = await HttpRig.start({ has: (scope) => scope.kind === 'all' });
  const stream = await rig.stream('GET', undefined, await rig.initialize());
  const notification = { method: 'notifications/tools/list_changed' };
  rig.host.emit({ server: 'hidden', notification });
  rig.host.emit({ server: 'gone', notification: { ...notification, params: { gone: true } }, isGone: true });
  expect(await stream.event(0)).toMatchObject({ params: { gone: true } });
});

test('the level that a session set filters its logs, wherever they come from', async () => {
  const log = (level: string) => ({ method: 'notifications/message', params: { level, data: level } });
  await using rig = await HttpRig.start({
    dispatch: (exchange) => {
      if (exchange.request.method === 'tools/call') for (const level of ['info', 'error']) exchange.notify(log(level));
      return result({}, 'legacy');
    },
  });
  const session = await rig.initialize();
  const levels = (messages: readonly JsonObject[]) =>
    messages.flatMap(({ params }) => (params as JsonObject | undefined)?.['level'] ?? []);
  expect(levels((await rig.post(legacy('tools/call', 1), session)).messages)).toEqual(['info', 'error']);
  await rig.post(legacy('logging/setLevel', 2, { level: 'warning' }), session);
  expect(levels((await rig.post(legacy('tools/call', 3), session)).messages)).toEqual(['error']);
  expect(rig.host.seen.at(-1)?.logLevel).toBe('warning');
  const stream = await rig.stream('GET', undefined, session);
  const client = rig.host.seen[0]!.client.session!;
  for (const level of ['info', 'critical']) {
    client.notify(log(level));
    rig.host.emit({ server: 's', notification: log(level) });
  }
  await stream.event(1);
  expect(levels(stream.events)).toEqual(['critical', 'critical']);
});

test('a log level that does not exist never reaches the host', async () => {
  await using rig = await HttpRig.start();
  const answer = await rig.post(legacy('logging/setLevel', 2, { level: 'loud' }), await rig.initialize());
  expect(answer.messages[0]).toMatchObject({ error: { code: -32602 } });
  expect(rig.host.seen).toHaveLength(0);
});

test('an event for one session reaches that session alone', async () => {
  await using rig = await HttpRig.start();
  const [mine, other] = [await rig.initialize(), await rig.initialize()];
  const streams = [await rig.stream('GET', undefined, mine), await rig.stream('GET', undefined, other)];
  const notice = { method: 'notifications/elicitation/complete', params: { elicitationId: 'e' } };
  rig.host.emit({ server: 's', notification: notice });
  rig.host.emit({ server: 's', notification: notice, sessionId: mine['mcp-session-id']! });
  rig.host.emit({ server: 's', notification: { method: 'notifications/tools/list_changed' } });
  await streams[0]!.event(1);
  await streams[1]!.event(0);
  expect(streams.map(({ events }) => events.map(({ method }) => method))).toEqual([
    ['notifications/elicitation/complete', 'notifications/tools/list_changed'],
    ['notifications/tools/list_changed'],
  ]);
});

test('sessions end when they are idle for long, and not while they are in use', async () => {
  await using rig = await HttpRig.start();
  const idle = await rig.initialize();
  const watching = await rig.initialize();
  const stream = await rig.stream('GET', undefined, watching);
  await rig.clock.pass(29 * 60_000);
  expect(rig.endpoint.sessions()).toBe(2);
  await rig.clock.pass(3 * 60_000);
  expect(rig.endpoint.sessions()).toBe(1);
  expect(rig.host.endedSessions).toEqual([idle['mcp-session-id']]);
  expect((await rig.post(legacy('ping'), idle)).status).toBe(404);
  await rig.leave(stream.request);
  rig.clock.advance(29 * 60_000);
  expect(rig.endpoint.sessions()).toBe(1);
  await rig.post(legacy('ping'), watching);
  rig.clock.advance(29 * 60_000);
  expect(rig.endpoint.sessions()).toBe(1);
  rig.clock.advance(3 * 60_000);
  expect(rig.endpoint.sessions()).toBe(0);
});

test('a session does not end while a request of it is under way', async () => {
  const held = Promise.withResolvers<Outcome>();
  await using rig = await HttpRig.start({ dispatch: () => held.promise });
  const session = await rig.initialize();
  const dispatched = rig.host.nextDispatch();
  const pending = rig.post(legacy('tools/call', 1), session);
  await dispatched;
  await rig.clock.pass(40 * 60_000);
  held.resolve(result({ late: true }, 'legacy'));
  expect((await pending).messages[0]?.['result']).toEqual({ late: true });
  expect(rig.endpoint.sessions()).toBe(1);
});

test('requests of sessions count towards the limit of the endpoint', async () => {
  const held = Promise.withResolvers<Outcome>();
  await using rig = await HttpRig.start({ limits: { inFlight: 1 }, dispatch: () => held.promise });
  const session = await rig.initialize();
  const dispatched = rig.host.nextDispatch();
  const first = rig.post(legacy('tools/list', 1), session);
  await dispatched;
  expect((await rig.post(legacy('tools/list', 2), session)).status).toBe(429);
  held.resolve(result({}, 'legacy'));
  expect((await first).status).toBe(200);
  expect((await rig.post(legacy('tools/list', 3), session)).status).toBe(200);
});

test('what servers hold for a silent session is let go soon, once, and again after it came back', async () => {
  await using rig = await HttpRig.start();
  const session = await rig.initialize();
  const id = session['mcp-session-id'];
  rig.clock.advance(4 * 60_000);
  rig.clock.advance(4 * 60_000);
  expect(rig.host.restedSessions).toEqual([id]);
  expect(rig.host.wokenSessions).toEqual([]);
  expect((await rig.post(legacy('ping'), session)).status).toBe(200);
  expect(rig.host.wokenSessions).toEqual([id]);
  rig.clock.advance(4 * 60_000);
  expect(rig.host.restedSessions).toEqual([id, id]);
  expect(rig.host.endedSessions).toEqual([]);
  expect(rig.endpoint.sessions()).toBe(1);
  rig.clock.advance(40 * 60_000);
  expect(rig.host.endedSessions).toEqual([id]);
});

test('the servers of a session hear that its roots have changed', async () => {
  await using rig = await HttpRig.start();
  const session = await rig.initialize();
  const changed = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };
  expect((await rig.post(changed, session)).status).toBe(202);
  expect(rig.host.told).toEqual([`${session['mcp-session-id']} notifications/roots/list_changed`]);
});

test.each([
  ['opens', Promise.resolve(description('legacy'))],
  ['fails', 'x'],
])('a client that goes away before its session %s leaves none behind', async (_what, outcome) => {
  const described = Promise.withResolvers<ServerDescription>();
  const asked = Promise.withResolvers<void>();
  await using rig = await HttpRig.start({
    describe: () => {
      asked.resolve();
      return described.promise;
    },
  });
  const request = rig.open('POST', { 'content-type': 'application/json' });
  request.on('error', () => {});
  request.end(JSON.stringify(initialize()));
  await asked.promise;
  expect(rig.endpoint.sessions()).toBe(1);
  await rig.leave(request);
  await rig.get('PUT');
  if (typeof outcome === 'string') described.reject(new Error(outcome));
  else described.resolve(outcome);
  await rig.get('PUT');
  expect(rig.endpoint.sessions()).toBe(0);
});

test('closing the response of a legacy call cancels it, since nobody could read its result', async () => {
  await using rig = await HttpRig.start({ dispatch: untilAborted });
  const session = await rig.initialize();
  const dispatched = rig.host.nextDispatch();
  const request = rig.open('POST', { 'content-type': 'application/json', ...session });
  void responseOf(request).catch(() => {});
  request.end(JSON.stringify(legacy('tools/call', 1)));
  const { signal } = await dispatched;
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
  request.destroy();
  await withPatience(aborted, 'the cancellation');
  expect(signal.reason).toMatchObject({ code: 'CLIENT_GONE' });
});

test('PUT is not for anybody: 405', async () => {
  await using rig = await HttpRig.start();
  const answer = await rig.get('PUT');
  expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, POST, DELETE']);
});
