import type { Client, ClientAnswer } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { failureOf } from '../../test/support/failure-of.ts';
import { callTool, makeExchange } from '../../test/support/make-exchange.ts';
import { open } from '../../test/support/scripted-pipe.ts';

const client: Client = {
  era: 'modern',
  protocolVersion: '2026-07-28',
  capabilities: { elicitation: {}, sampling: {}, roots: {} },
};
const question = (id: string) => ({ jsonrpc: '2.0', id, method: 'elicitation/create', params: { message: id } });

/** A call that answers with its own name. */
function call(name: string) {
  const answer = (): Promise<ClientAnswer> => Promise.resolve({ kind: 'result', result: { name } });
  return callTool(name, {}, { answer, client });
}

/** A call whose client takes its time. */
function slowCall(name: string) {
  const answer = Promise.withResolvers<ClientAnswer>();
  return { exchange: callTool(name, {}, { answer: () => answer.promise, client }), answer };
}

describe('a question of a server that serves modern clients', () => {
  it('goes to the only call in flight, whatever else is under way', async () => {
    const { server, connection } = await open({ client });
    const one = call('one');
    void connection.request(makeExchange('logging/setLevel', { params: { level: 'info' } }));
    void connection.request(one);
    void connection.request(makeExchange('tools/list', { client }));
    server.say(question('q'));
    await settle();
    expect(server.received.at(-1)).toMatchObject({ id: 'q', result: { name: 'one' } });
  });

  it('waits while two calls may be meant, and is answered when one has ended', async () => {
    const { server, connection, clock } = await open({ client });
    const [one, two] = [call('one'), call('two')];
    const ended = connection.request(one);
    const { id } = server.last('tools/call');
    void connection.request(two);
    server.say(question('q'));
    await clock.pass(100_000);
    expect([one.questions, two.questions]).toEqual([[], []]);
    expect(server.of('notifications/cancelled')).toEqual([]);
    server.say({ jsonrpc: '2.0', id, result: {} });
    await ended;
    await settle();
    expect(server.received.at(-1)).toMatchObject({ id: 'q', result: { name: 'two' } });
  });

  it('is one of many at once: each call gets one, in order', async () => {
    const { server, connection } = await open({ client });
    const calls = ['a', 'b', 'c'].map(call);
    for (const one of calls) void connection.request(one);
    for (const id of ['q1', 'q2', 'q3']) server.say(question(id));
    await settle();
    expect(calls.map(({ questions }) => questions[0]?.params)).toEqual([
      { message: 'q1' },
      { message: 'q2' },
      { message: 'q3' },
    ]);
  });

  it('goes to the call that is not asked yet', async () => {
    const { server, connection } = await open({ client });
    const { exchange: asked, answer } = slowCall('asked');
    void connection.request(asked);
    server.say(question('q1'));
    await settle();
    const other = call('other');
    void connection.request(other);
    server.say(question('q2'));
    await settle();
    expect(other.questions).toHaveLength(1);
    answer.resolve({ kind: 'result', result: {} });
  });

  it('outside any call is refused: there is no way to the client', async () => {
    const { server, connection } = await open({ client });
    void connection.request(makeExchange('tools/list', { client }));
    server.say(question('q'));
    await settle();
    expect(server.received.at(-1)).toMatchObject({ id: 'q', error: { code: -32601 } });
  });

  it('is withdrawn from the client when the server withdraws it, also while it waits', async () => {
    const { server, connection, clock } = await open({ client });
    const { exchange } = slowCall('one');
    void failureOf(connection.request(exchange));
    server.say(question('q1'));
    await settle();
    server.notify('notifications/cancelled', { requestId: 'q1' });
    await settle();
    expect(exchange.askedSignals[0]?.aborted).toBe(true);
    void failureOf(connection.request(call('two')));
    server.say(question('q2'));
    server.notify('notifications/cancelled', { requestId: 'q2' });
    await clock.pass(10 * 60_000);
    expect(server.received.filter(({ id }) => id === ('q2' as never))).toEqual([]);
  });

  it('does not show its logs to a stranger when two calls are in flight', async () => {
    const { server, connection } = await open({ client });
    const [one, two] = [call('one'), call('two')];
    void connection.request(one);
    server.notify('notifications/message', { level: 'info', data: 'mine' });
    void connection.request(two);
    server.notify('notifications/message', { level: 'info', data: 'whose?' });
    expect(one.notifications).toHaveLength(1);
    expect(two.notifications).toHaveLength(0);
  });
});

it('what a modern client adds when it is asked is not sent to a legacy server', async () => {
  const { server, connection } = await open({ client });
  const params = { name: 'x', inputResponses: { a: {} }, requestState: 's', extra: 1 };
  void connection.request(makeExchange('tools/call', { client, params }));
  expect(server.last('tools/call').params).toEqual({ name: 'x', extra: 1 });
  void connection.request(makeExchange('tools/call', { params }));
  expect(server.last('tools/call').params).toEqual(params);
});
