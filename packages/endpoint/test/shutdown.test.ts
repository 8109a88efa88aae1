import { expect, test } from 'vitest';
import type { Exchange, Outcome } from '@hostler/kernel';
import { metaKeys } from '@hostler/protocol';
import { result } from './support/fake-host.ts';
import { HttpRig } from './support/http-rig.ts';
import { initialize, legacy, modern, modernHeaders } from './support/messages.ts';

const call = modern('tools/call', { params: { name: 'slow' } });

function untilAborted({ signal }: Exchange): Promise<Outcome> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

test('new requests are refused while those under way finish', async () => {
  const held = Promise.withResolvers<Outcome>();
  await using rig = await HttpRig.start({ dispatch: () => held.promise });
  const session = await rig.initialize();
  const stream = await rig.stream('GET', undefined, session);
  const dispatched = rig.host.nextDispatch();
  const running = rig.post(legacy('tools/call', 1), session);
  await dispatched;
  const closed = rig.endpoint.close(25_000);
  for (const message of [initialize(), legacy('tools/list', 2)]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const refused = await rig.post(message, session);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(refused.messages[0]).toMatchObject({ id: message['id'], error: { code: -32016 } });
  }
  expect((await rig.postModern(call)).status).toBe(503);
  expect((await rig.get('GET', session)).status).toBe(503);
  expect(stream.ended).toBe(false);
  held.resolve(result({ done: true }, 'legacy'));
  expect((await running).messages[0]?.['result']).toEqual({ done: true });
  await closed;
  await stream.end();
  expect(rig.endpoint.sessions()).toBe(0);
  expect(rig.host.endedSessions).toEqual([session['mcp-session-id']]);
});

test('a question that was open when the shutdown began can still be answered', async () => {
  await using rig = await HttpRig.start({
    dispatch: async (exchange) => {
      await exchange.ask({ method: 'roots/list' });
      return result({ answered: true }, 'legacy');
    },
  });
  const session = await rig.initialize({ roots: {} });
  const stream = await rig.stream('POST', legacy('tools/call', 1), session);
  const { id } = await stream.event(0);
  const closed = rig.endpoint.close(25_000);
  expect((await rig.post({ jsonrpc: '2.0', id: id!, result: { roots: [] } }, session)).status).toBe(202);
  expect(await stream.event(1)).toMatchObject({ result: { answered: true } });
  await closed;
});

test('what has not finished by the deadline is failed and aborted, in either form', async () => {
  await using rig = await HttpRig.start({ dispatch: untilAborted });
  const first = rig.host.nextDispatch();
  const plain = rig.postModern(call);
  const exchanges = [await first];
  const second = rig.host.nextDispatch();
  const streaming = rig.stream('POST', call, modernHeaders(call));
  exchanges.push(await second);
  exchanges[1]!.notify({ method: 'notifications/progress', params: {} });
  const stream = await streaming;
  const closed = rig.endpoint.close(1_000);
  rig.clock.advance(999);
  expect(exchanges.map(({ signal }) => signal.aborted)).toEqual([false, false]);
  rig.clock.advance(1);
  await closed;
  expect(exchanges.map(({ signal }) => signal.reason as Error)).toMatchObject([
    { code: 'HTTP_SHUTTING_DOWN' },
    { code: 'HTTP_SHUTTING_DOWN' },
  ]);
  const answer = await plain;
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
  expect(answer.messages[0]).toMatchObject({ id: 1, error: { code: -32016 } });
  expect(await stream.event(1)).toMatchObject({ id: 1, error: { code: -32016 } });
  await stream.end();
});

test('closing again with no time left answers what is under way, also what does not listen', async () => {
  await using rig = await HttpRig.start({ dispatch: () => new Promise(() => {}) });
  const dispatched = rig.host.nextDispatch();
  const running = rig.postModern(call);
  await dispatched;
  const closed = rig.endpoint.close(60_000);
  await Promise.all([rig.endpoint.close(0), closed]);
  const answer = await running;
  expect([answer.status, answer.messages[0]]).toMatchObject([503, { id: 1, error: { code: -32016 } }]);
});

test('a subscription ends with its result at once', async () => {
  await using rig = await HttpRig.start({
    dispatch: (exchange) => {
      exchange.notify({ method: 'notifications/subscriptions/acknowledged' });
      return untilAborted(exchange);
    },
  });
  const listen = modern('subscriptions/listen', { id: 's' });
  const stream = await rig.stream('POST', listen, modernHeaders(listen));
  await stream.event(0);
  await rig.endpoint.close(25_000);
  expect(await stream.event(1)).toEqual({
    jsonrpc: '2.0',
    id: 's',
    result: { resultType: 'complete', _meta: { [metaKeys.subscriptionId]: 's' } },
  });
  await stream.end();
});

test('closing twice is closing once, and the host is no longer listened to', async () => {
  await using rig = await HttpRig.start();
  await rig.initialize();
  expect(rig.host.listeners).toBe(1);
  await Promise.all([rig.endpoint.close(0), rig.endpoint.close(0)]);
  expect(rig.host.listeners).toBe(0);
  expect(rig.host.endedSessions).toHaveLength(1);
});

test('the shutdown waits until the host has let go of every session', async () => {
  const held = Promise.withResolvers<void>();
  await using rig = await HttpRig.start({ endSession: () => held.promise });
  const session = await rig.initialize();
  await rig.get('DELETE', session);
  await rig.initialize();
  let isClosed = false;
  const closed = rig.endpoint.close(0).then(() => (isClosed = true));
  await rig.get('PUT');
  expect(rig.host.endedSessions).toHaveLength(2);
  expect(isClosed).toBe(false);
  held.resolve();
  await closed;
});

test('a host that fails to end a session does not hold up the shutdown', async () => {
  await using rig = await HttpRig.start({ endSession: () => Promise.reject(new Error('stuck')) });
  await rig.initialize();
  await rig.endpoint.close(0);
  expect(rig.log.messages('error')).toEqual(['the host failed to end a session']);
});

test('nothing is left running when all is closed', async () => {
  await using rig = await HttpRig.start();
  const session = await rig.initialize();
  const stream = await rig.stream('GET', undefined, session);
  await rig.post(legacy('tools/list'), session);
  await rig.endpoint.close(0);
  await stream.end();
  await rig.clock.pass(120_000);
  expect(rig.clock.waiting).toBe(0);
});
