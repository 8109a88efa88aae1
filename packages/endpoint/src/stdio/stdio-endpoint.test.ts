import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { ClientAnswer, Exchange, JsonObject, Outcome } from '@hostler/kernel';
import { Payload } from '@hostler/kernel';
import { metaKeys } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import { description, failure, result } from '../../test/support/fake-host.ts';
import { initialize, legacy, modern, notification } from '../../test/support/messages.ts';
import { StdioRig } from '../../test/support/stdio-rig.ts';

function untilAborted({ signal }: Exchange): Promise<Outcome> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

test('a legacy client opens its one session and calls', async () => {
  const rig = new StdioRig().listen();
  rig.say(initialize({ roots: {} }));
  expect(await rig.message(0)).toMatchObject({
    id: 0,
    result: { protocolVersion: '2025-11-25', serverInfo: { name: 'fake' } },
  });
  rig.say(notification('notifications/initialized'));
  rig.say(legacy('ping', 'p'));
  expect(await rig.message(1)).toEqual({ jsonrpc: '2.0', id: 'p', result: {} });
  rig.say(legacy('tools/call', 2, { name: 't' }));
  expect(await rig.message(2)).toEqual({ jsonrpc: '2.0', id: 2, result: { ok: true } });
  expect(rig.host.seen[0]?.client).toMatchObject({ era: 'legacy', capabilities: { roots: {} } });
  expect(rig.host.seen[0]?.consumer).toEqual({ name: 'local' });
});

test('a modern client needs no session', async () => {
  const rig = new StdioRig().listen();
  rig.say(modern('server/discover', { id: 'd' }));
  expect(await rig.message(0)).toMatchObject({ id: 'd', result: { supportedVersions: ['2026-07-28'] } });
  rig.say(modern('tools/list', { id: 5 }));
  expect(await rig.message(1)).toEqual({ jsonrpc: '2.0', id: 5, result: { ok: true } });
  expect(rig.host.seen[0]?.client.session).toBeUndefined();
});

test('both eras may speak on one stream', async () => {
  const rig = new StdioRig().listen();
  await rig.initialize();
  rig.say(modern('tools/list', { id: 1 }));
  rig.say(legacy('tools/list', 2));
  await rig.message(2);
  expect(rig.host.seen.map(({ client }) => client.era)).toEqual(['modern', 'legacy']);
});

test.each([
  ['initialize', -32601],
  ['ping', -32601],
  ['nope', -32601],
])('%s does not exist in the modern era', async (method, code) => {
  const rig = new StdioRig().listen();
  rig.say(modern(method, { id: 1 }));
  expect(await rig.message(0)).toMatchObject({ id: 1, error: { code } });
});

test('a modern request of an unknown revision is told which there are', async () => {
  const rig = new StdioRig().listen();
  rig.say(modern('tools/list', { revision: 'v9' }));
  expect(await rig.message(0)).toMatchObject({
    id: 1,
    error: { code: -32022, data: { requested: 'v9', supported: ['2026-07-28'] } },
  });
});

test('a legacy request before initialize is refused, and so is a second initialize', async () => {
  const rig = new StdioRig().listen();
  rig.say(legacy('tools/list', 1));
  expect(await rig.message(0)).toMatchObject({ id: 1, error: { code: -32600 } });
  await rig.initialize();
  rig.say(initialize());
  expect(await rig.message(2)).toMatchObject({ id: 0, error: { code: -32600 } });
  expect(rig.host.seen).toHaveLength(0);
});

test('initialize can be tried again after it failed', async () => {
  let tries = 0;
  const rig = new StdioRig({
    describe: () => (tries++ === 0 ? Promise.reject(new Error('down')) : Promise.resolve(description('legacy'))),
  }).listen();
  rig.say(initialize());
  expect(await rig.message(0)).toMatchObject({ id: 0, error: { code: -32603 } });
  rig.say(initialize());
  expect(await rig.message(1)).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } });
});

test.each([
  ['no JSON', 'hello', -32700, null],
  ['half a message', '{"jsonrpc":"2.0"', -32700, null],
  ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600, null],
  ['no version', '{"id":7,"method":"ping"}', -32600, 7],
  ['a float id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, null],
  [
    'deep nesting',
    `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(100)}${']'.repeat(100)}}}`,
    -32600,
    null,
  ],
] as const)('%s on a line is answered, and the next line is read', async (_what, line, code, id) => {
  const rig = new StdioRig().listen();
  rig.input.write(`${line}\n`);
  expect(await rig.message(0)).toMatchObject({ id, error: { code } });
  rig.say(modern('tools/list', { id: 2 }));
  expect(await rig.message(1)).toMatchObject({ id: 2, result: {} });
});

test('empty lines mean nothing, and lines may end as on Windows or come in pieces', async () => {
  const rig = new StdioRig().listen();
  rig.input.write('\n \r\n\t\n');
  const line = `${JSON.stringify(modern('tools/list', { id: 'x' }))}\r\n`;
  for (const character of line) rig.input.write(character);
  expect(await rig.message(0)).toMatchObject({ id: 'x', result: { ok: true } });
  expect(rig.received).toHaveLength(1);
});

test('a line at the limit is read, a longer one is refused and the next one read', async () => {
  const rig = new StdioRig({ limits: { messageBytes: 1_000 } }).listen();
  const text = JSON.stringify(modern('tools/list', { id: 1 }));
  rig.input.write(`${text.padEnd(1_000)}\n`);
  expect(await rig.message(0)).toMatchObject({ id: 1, result: {} });
  rig.input.write(`${text.padEnd(1_001)}\n`);
  expect(await rig.message(1)).toMatchObject({ id: null, error: { code: -32018 } });
  rig.say(modern('tools/list', { id: 3 }));
  expect(await rig.message(2)).toMatchObject({ id: 3, result: {} });
});

test('whatever a server writes, each message is one line', async () => {
  const pretty = Buffer.from('{\n  "text": "a\\nb",\r\n  "n": 12345678901234567890\n}');
  const rig = new StdioRig({
    dispatch: (exchange) => ({ kind: 'result', era: exchange.client.era, payload: Payload.ofBytes(pretty) }),
  }).listen();
  rig.say(modern('tools/list'));
  expect(await rig.message(0)).toMatchObject({ result: { text: 'a\nb' } });
  expect(rig.received).toHaveLength(1);
});

test('notifications come before the result, and a question and its answer travel on the same streams', async () => {
  let answered: ClientAnswer | undefined;
  const rig = new StdioRig({
    dispatch: async (exchange) => {
      exchange.notify({ method: 'notifications/progress', params: { progress: 1 } });
      answered = await exchange.ask({ method: 'roots/list' });
      return result({ ok: 1 }, 'legacy');
    },
  }).listen();
  await rig.initialize({ roots: {} });
  rig.say(legacy('tools/call', 1));
  expect(await rig.message(1)).toMatchObject({ method: 'notifications/progress' });
  const question = await rig.message(2);
  expect(question).toMatchObject({ method: 'roots/list' });
  rig.say({ jsonrpc: '2.0', id: question['id']!, result: { roots: [] } });
  expect(await rig.message(3)).toMatchObject({ id: 1, result: { ok: 1 } });
  expect(answered).toEqual({ kind: 'result', result: { roots: [] } });
});

test('a server that wants input gets it from a legacy client', async () => {
  const rig = new StdioRig({
    dispatch: ({ request }) =>
      request.params['inputResponses'] === undefined
        ? result({ resultType: 'input_required', inputRequests: { r: { method: 'roots/list' } } }, 'modern')
        : result({ resultType: 'complete', content: [] }, 'modern'),
  }).listen();
  await rig.initialize({ roots: {} });
  rig.say(legacy('tools/call', 1));
  const { id } = await rig.message(1);
  rig.say({ jsonrpc: '2.0', id: id!, result: { roots: [] } });
  expect(await rig.message(2)).toEqual({ jsonrpc: '2.0', id: 1, result: { content: [] } });
});

test.each([
  ['legacy', legacy('tools/call', 'c')],
  ['modern', modern('tools/call', { id: 'c' })],
] as const)('a %s request can be cancelled, and gets no answer', async (_era, message) => {
  const rig = new StdioRig({ dispatch: untilAborted }).listen();
  await rig.initialize();
  const dispatched = rig.host.nextDispatch();
  rig.say(message);
  const { signal } = await dispatched;
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
  rig.say(notification('notifications/cancelled', { requestId: 'unknown' }));
  rig.say(notification('notifications/cancelled', { requestId: 'c' }));
  await aborted;
  rig.say(legacy('ping', 'p'));
  expect(await rig.message(1)).toMatchObject({ id: 'p' });
});

test.each([
  ['legacy', legacy('tools/call', 'c')],
  ['modern', modern('tools/call', { id: 'c' })],
] as const)('a %s id that is in flight cannot be used again', async (_era, message) => {
  const held = Promise.withResolvers<Outcome>();
  const rig = new StdioRig({ dispatch: () => held.promise }).listen();
  await rig.initialize();
  rig.say(message);
  rig.say(message);
  expect(await rig.message(1)).toMatchObject({ id: 'c', error: { code: -32600 } });
  held.resolve(failure({ code: -1, message: 'x' }, _era));
  expect(await rig.message(2)).toMatchObject({ id: 'c', error: { code: -1 } });
});

test('requests beyond the limit are refused', async () => {
  const held = Promise.withResolvers<Outcome>();
  const rig = new StdioRig({ limits: { inFlightPerSession: 1 }, dispatch: () => held.promise }).listen();
  rig.say(modern('tools/list', { id: 1 }));
  rig.say(modern('tools/list', { id: 2 }));
  expect(await rig.message(0)).toMatchObject({ id: 2, error: { code: -32015 } });
});

test('events of the host reach the session', async () => {
  const rig = new StdioRig({ scope: { kind: 'server', name: 'one' } }).listen();
  rig.host.emit({ server: 'one', notification: { method: 'notifications/tools/list_changed' } });
  await rig.initialize();
  for (const server of ['two', 'one']) {
    rig.host.emit({ server, notification: { method: 'notifications/tools/list_changed', params: { server } } });
  }
  expect(await rig.message(1)).toMatchObject({ params: { server: 'one' } });
  expect(rig.received).toHaveLength(2);
});

test('nothing comes before the answer to initialize', async () => {
  const change = { server: 's', notification: { method: 'notifications/tools/list_changed' } };
  const rig: StdioRig = new StdioRig({
    describe: () => {
      rig.host.emit(change);
      return Promise.resolve(description('legacy'));
    },
  }).listen();
  rig.say(initialize());
  expect(await rig.message(0)).toMatchObject({ id: 0 });
  rig.host.emit(change);
  expect(await rig.message(1)).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
});

test('the end of the input takes no answer away that is under way', async () => {
  const held = Promise.withResolvers<Outcome>();
  const described = Promise.withResolvers<ServerDescription>();
  const rig: StdioRig = new StdioRig({
    dispatch: () => held.promise,
    describe: () => (rig.host.describes === 1 ? Promise.resolve(description('legacy')) : described.promise),
  }).listen();
  await rig.initialize();
  const dispatched = rig.host.nextDispatch();
  rig.say(legacy('tools/call', 1));
  rig.say(modern('server/discover', { id: 'd' }));
  await dispatched;
  rig.input.end();
  described.resolve(description('modern'));
  expect(await rig.message(1)).toMatchObject({ id: 'd', result: { supportedVersions: ['2026-07-28'] } });
  held.resolve(result({ done: true }, 'legacy'));
  expect(await rig.message(2)).toMatchObject({ id: 1, result: { done: true } });
  await rig.endpoint.done;
  expect(rig.host.endedSessions).toHaveLength(1);
});

test('after the end of the input nobody can be asked, and a question that is open fails', async () => {
  const rig = new StdioRig({
    async dispatch(exchange) {
      const answer = await exchange.ask({ method: 'roots/list' }).catch((error: Error) => error.message);
      return result({ answer: answer as string }, 'legacy');
    },
  }).listen();
  await rig.initialize({ roots: {} });
  rig.say(legacy('tools/call', 1));
  expect(await rig.message(1)).toMatchObject({ method: 'roots/list' });
  rig.input.end();
  expect(await rig.message(2)).toMatchObject({ id: 1, result: { answer: 'The client is gone.' } });
  await rig.endpoint.done;
});

test('what does not finish in time after the end of the input is failed', async () => {
  const rig = new StdioRig({ dispatch: untilAborted }).listen();
  await rig.initialize();
  const signals: AbortSignal[] = [];
  for (const message of [legacy('tools/call', 1), modern('tools/call', { id: 2 })]) {
    const dispatched = rig.host.nextDispatch();
    rig.say(message);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    signals.push((await dispatched).signal);
  }
  const ended = once(rig.input, 'end');
  rig.input.end();
  await ended;
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  rig.clock.advance(25_000);
  await rig.endpoint.done;
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  expect(rig.received.slice(1)).toMatchObject([
    { id: 1, error: { code: -32016 } },
    { id: 2, error: { code: -32016 } },
  ]);
  expect(rig.host.endedSessions).toHaveLength(1);
  expect(rig.host.listeners).toBe(0);
  expect(rig.output.writableEnded).toBe(false);
});

test('an output that breaks ends everything', async () => {
  const rig = new StdioRig().listen();
  await rig.initialize();
  rig.output.destroy(new Error('EPIPE'));
  await rig.endpoint.done;
  expect(rig.host.endedSessions).toHaveLength(1);
});

test('close lets what is under way finish and refuses what is new', async () => {
  const held = Promise.withResolvers<Outcome>();
  const rig = new StdioRig({ dispatch: () => held.promise }).listen();
  await rig.initialize();
  const dispatched = rig.host.nextDispatch();
  rig.say(legacy('tools/call', 1));
  await dispatched;
  const closed = rig.endpoint.close(1_000);
  rig.say(legacy('tools/call', 2));
  expect(await rig.message(1)).toMatchObject({ id: 2, error: { code: -32016 } });
  held.resolve(result({ done: true }, 'legacy'));
  expect(await rig.message(2)).toMatchObject({ id: 1, result: { done: true } });
  await closed;
  await rig.endpoint.done;
});

test('close fails what has not finished by the deadline, and ends subscriptions at once', async () => {
  const rig = new StdioRig({ dispatch: untilAborted }).listen();
  const dispatched = rig.host.nextDispatch();
  rig.say(modern('tools/call', { id: 1 }));
  await dispatched;
  const subscribed = rig.host.nextDispatch();
  rig.say(modern('subscriptions/listen', { id: 'l' }));
  await subscribed;
  const closed = rig.endpoint.close(1_000);
  expect(await rig.message(0)).toMatchObject({ id: 'l', result: { _meta: { [metaKeys.subscriptionId]: 'l' } } });
  rig.clock.advance(1_000);
  expect(await rig.message(1)).toMatchObject({ id: 1, error: { code: -32016 } });
  await closed;
});

test('a client that does not read is not listened to, and then given up', async () => {
  const rig = new StdioRig({
    limits: { streamBytes: 100_000, pipeBytes: 1_000_000 },
    dispatch: () => result({ big: 'y'.repeat(40_000) }, 'modern'),
  });
  let next = 0;
  const ask = (count: number): void => {
    for (let index = 0; index < count; index++) rig.say(modern('tools/list', { id: next++ }));
  };
  ask(1);
  while (rig.input.isPaused() === false) {
    // oxlint-disable-next-line no-await-in-loop -- the streams need their turns
    await new Promise((resolve) => setImmediate(resolve));
    ask(1);
  }
  const read = rig.host.seen.length;
  ask(5);
  await new Promise((resolve) => setImmediate(resolve));
  expect(rig.host.seen).toHaveLength(read);
  rig.listen();
  await rig.message(next - 1);
  expect(rig.received.map(({ id }) => id)).toEqual([...Array(next).keys()]);
});

test('notifications to a client that does not read end the connection at the bound', async () => {
  const rig = new StdioRig({ limits: { pipeBytes: 1_000_000 }, dispatch: untilAborted });
  const dispatched = rig.host.nextDispatch();
  rig.say(modern('tools/call', { id: 1 }));
  const exchange = await dispatched;
  const data = 'x'.repeat(100_000);
  for (let index = 0; index < 20; index++) exchange.notify({ method: 'notifications/progress', params: { data } });
  await rig.endpoint.done;
  expect(exchange.signal.aborted).toBe(true);
  expect(rig.log.messages('warn')).toEqual(['the client on stdio does not read its answers']);
  expect(rig.output.writableLength).toBeLessThan(1_300_000);
});

test('logs of a modern request follow the level that it asked for', async () => {
  const rig = new StdioRig({
    dispatch: (exchange) => {
      for (const level of ['info', 'error']) exchange.notify({ method: 'notifications/message', params: { level } });
      return result({}, 'modern');
    },
  }).listen();
  rig.say(modern('tools/list', { id: 1, logLevel: 'error' }));
  await rig.message(1);
  expect(rig.received.map(({ params }) => (params as JsonObject | undefined)?.['level'])).toEqual(['error', undefined]);
});
