import type { ClientAnswer } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { failureOf } from '../../test/support/failure-of.ts';
import { askableClient, callTool, makeExchange, makeSession, plainClient } from '../../test/support/make-exchange.ts';
import { open } from '../../test/support/scripted-pipe.ts';

const answered = (): Promise<ClientAnswer> => Promise.resolve({ kind: 'result', result: { action: 'accept' } });
const question = { jsonrpc: '2.0', id: 'q1', method: 'elicitation/create', params: { message: 'Who?' } } as const;

describe('a question of the server', () => {
  it('ping is answered here, with or without a client', async () => {
    const { server } = await open();
    server.say({ jsonrpc: '2.0', id: 'p', method: 'ping' });
    expect(server.received.at(-1)).toEqual({ jsonrpc: '2.0', id: 'p', result: {} });
  });

  it('goes to the call that started last, and its answer back to the server', async () => {
    const { server, connection } = await open({ client: askableClient(makeSession('s1')) });
    const [one, two] = [callTool('a', {}, { answer: answered }), callTool('b', {}, { answer: answered })];
    void connection.request(one);
    void connection.request(two);
    server.say(question);
    await settle();
    expect([one.questions.length, two.questions.length]).toEqual([0, 1]);
    expect(two.questions[0]).toEqual({ method: 'elicitation/create', params: { message: 'Who?' } });
    expect(server.received.at(-1)).toEqual({ jsonrpc: '2.0', id: 'q1', result: { action: 'accept' } });
  });

  it('goes to the call of the client, though the host has begun to read a list since', async () => {
    const { server, connection } = await open({ client: askableClient(makeSession('s1')) });
    const [call, list] = [callTool('a', {}, { answer: answered }), makeExchange('tools/list')];
    void connection.request(call);
    void connection.request(list);
    server.say(question);
    await settle();
    expect([call.questions.length, list.questions.length]).toEqual([1, 0]);
    expect(server.received.at(-1)).toEqual({ jsonrpc: '2.0', id: 'q1', result: { action: 'accept' } });
  });

  it('goes to the session of the client when no call is in flight', async () => {
    const session = makeSession('s1', answered);
    const { server } = await open({ client: askableClient(session) });
    server.say({ jsonrpc: '2.0', id: 0, method: 'roots/list' });
    await settle();
    expect(session.questions).toEqual([{ method: 'roots/list', params: {} }]);
    expect(server.received.at(-1)).toEqual({ jsonrpc: '2.0', id: 0, result: { action: 'accept' } });
  });

  it("passes the client's own error on", async () => {
    const session = makeSession('s1', () => Promise.resolve({ kind: 'error', error: { code: -1, message: 'no' } }));
    const { server } = await open({ client: askableClient(session) });
    server.say(question);
    await settle();
    expect(server.received.at(-1)).toEqual({ jsonrpc: '2.0', id: 'q1', error: { code: -1, message: 'no' } });
  });

  it('is answered with an error when the client cannot be asked', async () => {
    const { server } = await open({ client: askableClient(makeSession('s1')) });
    server.say(question);
    await settle();
    expect(server.received.at(-1)).toMatchObject({ id: 'q1', error: { code: -32603 } });
  });

  it.each([
    ['on a shared connection', undefined, 'elicitation/create'],
    ['of a kind that the client does not declare', { ...plainClient, session: makeSession('s') }, 'roots/list'],
    ['of an unknown kind', askableClient(makeSession('s')), 'made/up'],
  ])('%s is refused with -32601', async (_, client, method) => {
    const { server, connection } = await open(client ? { client } : {});
    const exchange = callTool('a', {}, { answer: answered });
    void connection.request(exchange);
    server.say({ jsonrpc: '2.0', id: 1, method });
    await settle();
    expect(exchange.questions).toEqual([]);
    expect(server.received.at(-1)).toMatchObject({ id: 1, error: { code: -32601 } });
  });

  it('is not answered when the server withdraws it', async () => {
    const session = makeSession('s1', () => new Promise(() => {}));
    const { server } = await open({ client: askableClient(session) });
    server.say(question);
    const before = server.received.length;
    server.notify('notifications/cancelled', { requestId: 'q1' });
    await settle();
    expect(session.signals[0]?.aborted).toBe(true);
    expect(server.received).toHaveLength(before);
  });

  it('cannot use an id twice at a time, nor pile up without end', async () => {
    const session = makeSession('s1', () => new Promise(() => {}));
    const { server } = await open({ client: askableClient(session), limits: { inFlight: 2 } });
    server.say(question);
    server.say(question);
    server.say({ ...question, id: 'q2' });
    server.say({ ...question, id: 'q3' });
    await settle();
    expect(session.questions).toHaveLength(2);
    expect(server.received.filter(({ error }) => error)).toMatchObject([
      { id: 'q1', error: { code: -32600 } },
      { id: 'q3', error: { code: -32016 } },
    ]);
  });

  it('stops the time of its call until it is answered', async () => {
    const { server, connection, clock } = await open({ client: askableClient(makeSession('s1')) });
    const { promise, resolve } = Promise.withResolvers<ClientAnswer>();
    const outcome = connection.request(callTool('a', {}, { answer: () => promise }));
    const failure = failureOf(outcome);
    await clock.pass(50_000);
    server.say(question);
    await clock.pass(500_000);
    expect(server.of('notifications/cancelled')).toEqual([]);
    resolve({ kind: 'result', result: {} });
    await clock.pass(9_999);
    expect(server.of('notifications/cancelled')).toEqual([]);
    await clock.pass(1);
    expect(await failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(clock.pending).toBe(0);
  });

  it('is withdrawn from the client when the connection ends', async () => {
    const session = makeSession('s1', () => new Promise(() => {}));
    const { server, connection } = await open({ client: askableClient(session) });
    server.say(question);
    await connection.close();
    expect(session.signals[0]?.aborted).toBe(true);
  });
});
