import type { Outcome } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { failureOf } from '../../test/support/failure-of.ts';
import { askableClient, callTool, makeExchange, makeSession, plainClient } from '../../test/support/make-exchange.ts';
import { modernHandshake, open } from '../../test/support/scripted-pipe.ts';
import { upstreamErrors } from '../errors.ts';

const text = (outcome: Outcome): string => Buffer.from(outcome.payload.bytes()).toString('utf8');

describe('a request over a pipe', () => {
  it('resolves with the bytes of the result as the server wrote them', async () => {
    const { server, connection } = await open();
    const outcome = connection.request(callTool('echo'));
    const { id } = server.last('tools/call');
    server.starts[0]?.receive({ kind: 'notification', method: 'notifications/unknown', params: {} });
    server.say({ jsonrpc: '2.0', id, result: { content: [], more: null } });
    expect(await outcome).toMatchObject({ kind: 'result', era: 'legacy' });
    expect(text(await outcome)).toBe('{"content":[],"more":null}');
  });

  it("passes the server's own error on", async () => {
    const { server, connection } = await open();
    const outcome = connection.request(callTool('echo'));
    server.say({ jsonrpc: '2.0', id: server.last('tools/call').id, error: { code: -32602, message: 'no' } });
    expect(await outcome).toMatchObject({ kind: 'error', era: 'legacy' });
    expect(text(await outcome)).toBe('{"code":-32602,"message":"no"}');
  });

  it('gives every request an id of its own and each answer to its own caller', async () => {
    const { server, connection } = await open();
    const outcomes = ['a', 'b', 'c'].map((name) => connection.request(callTool(name)));
    for (const { id, params } of server.of('tools/call').reverse()) {
      server.say({ jsonrpc: '2.0', id: id ?? 0, result: { for: params?.['name'] } });
    }
    expect((await Promise.all(outcomes)).map(text)).toEqual(['{"for":"a"}', '{"for":"b"}', '{"for":"c"}']);
  });

  it.each([
    ['no object', { result: [1] }],
    ['a result and an error', { result: {}, error: { code: 1, message: '' } }],
  ])('fails with UPSTREAM_PROTOCOL when the answer is %s', async (_, answer) => {
    const { server, connection } = await open();
    const outcome = connection.request(callTool('echo'));
    server.say({ jsonrpc: '2.0', id: server.last('tools/call').id, ...answer });
    await expect(outcome).rejects.toMatchObject({ code: 'UPSTREAM_PROTOCOL', details: { mayHaveRun: true } });
  });

  it.each([
    ['tools/call', true],
    ['tools/list', false],
  ])('%s fails with UPSTREAM_TIMEOUT at the deadline, and the server is told', async (method, mayHaveRun) => {
    const { server, connection, clock } = await open();
    const outcome = connection.request(makeExchange(method));
    const failure = failureOf(outcome);
    await clock.pass(59_999);
    expect(server.of('notifications/cancelled')).toEqual([]);
    await clock.pass(1);
    expect(await failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT', details: { mayHaveRun } });
    expect(server.of('notifications/cancelled')).toMatchObject([{ params: { requestId: server.last(method).id } }]);
  });

  it('drops and counts an answer that comes too late, and never gives it to a newer request', async () => {
    const { server, connection, clock, log } = await open();
    const first = connection.request(callTool('slow'));
    const failure = failureOf(first);
    const { id } = server.last('tools/call');
    await clock.pass(60_000);
    expect(await failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    const second = connection.request(callTool('quick'));
    server.say({ jsonrpc: '2.0', id, result: { late: true } });
    server.say({ jsonrpc: '2.0', id: server.last('tools/call').id, result: { late: false } });
    expect(text(await second)).toBe('{"late":false}');
    expect(log.of('debug')).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ late: 1 }) as unknown }),
    );
  });

  it('leaves no timer behind when it is answered', async () => {
    const { server, connection, clock } = await open();
    const outcome = connection.request(callTool('echo'));
    expect(clock.pending).toBe(1);
    server.say({ jsonrpc: '2.0', id: server.last('tools/call').id, result: {} });
    await outcome;
    expect(clock.pending).toBe(0);
  });

  it("rejects with the signal's reason when the client cancels, and tells the server", async () => {
    const { server, connection } = await open();
    const exchange = callTool('slow');
    const outcome = connection.request(exchange);
    const reason = new Error('the client is gone');
    exchange.controller.abort(reason);
    await expect(outcome).rejects.toBe(reason);
    expect(server.last('tools/call').id).toBe(server.of('notifications/cancelled')[0]?.params?.['requestId']);
  });

  it('sends nothing for a client that is gone already', async () => {
    const { server, connection } = await open();
    const exchange = callTool('slow');
    exchange.controller.abort(new Error('gone'));
    await expect(connection.request(exchange)).rejects.toThrow('gone');
    expect(server.of('tools/call')).toEqual([]);
  });

  it('refuses more calls than the bound with UPSTREAM_OVERLOADED, and takes them again when one is answered', async () => {
    const { server, connection } = await open({ limits: { inFlight: 2 } });
    const first = connection.request(callTool('a'));
    void connection.request(callTool('b'));
    await expect(connection.request(callTool('c'))).rejects.toMatchObject({
      code: 'UPSTREAM_OVERLOADED',
      details: { mayHaveRun: false },
    });
    server.say({ jsonrpc: '2.0', id: server.of('tools/call')[0]?.id ?? 0, result: {} });
    await first;
    void connection.request(callTool('d'));
    expect(server.last('tools/call').params['name']).toBe('d');
  });

  it('fails with UPSTREAM_OVERLOADED when the pipe takes no more', async () => {
    const { server, connection } = await open();
    server.reads = false;
    await expect(connection.request(callTool('a'))).rejects.toMatchObject({ code: 'UPSTREAM_OVERLOADED' });
  });

  it('fails the calls in flight when the pipe ends, and says so once', async () => {
    const { server, connection, closes } = await open();
    const call = connection.request(callTool('a'));
    const list = connection.request(makeExchange('tools/list'));
    const end = (mayHaveRun: boolean) => upstreamErrors.UNAVAILABLE({ details: { server: 'x', mayHaveRun } });
    server.end(end);
    server.end(end);
    await expect(call).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { mayHaveRun: true } });
    await expect(list).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { mayHaveRun: false } });
    await expect(connection.request(callTool('b'))).rejects.toMatchObject({ details: { mayHaveRun: false } });
    expect(closes).toHaveLength(1);
  });

  it('fails the calls in flight when it is closed, without calling that an end', async () => {
    const { server, connection, closes } = await open();
    const call = connection.request(callTool('a'));
    const failure = failureOf(call);
    await Promise.all([connection.close(), connection.close()]);
    expect(await failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { mayHaveRun: true } });
    expect(server.closes).toBe(2);
    expect(closes).toEqual([]);
  });
});

describe('progress', () => {
  it('travels under a token of the connection and arrives under the one of the client', async () => {
    const { server, connection } = await open();
    const one = callTool('a', {}, { params: { _meta: { progressToken: 'same', kept: 1 } } });
    const two = callTool('b', {}, { params: { _meta: { progressToken: 'same' } } });
    void connection.request(one);
    void connection.request(two);
    const [first, second] = server.of('tools/call').map(({ params }) => params?.['_meta'] as Record<string, unknown>);
    expect(first).toMatchObject({ kept: 1 });
    expect(first?.['progressToken']).not.toBe(second?.['progressToken']);
    server.notify('notifications/progress', { progressToken: second?.['progressToken'] as number, progress: 1 });
    expect(one.notifications).toEqual([]);
    expect(two.notifications).toEqual([
      { method: 'notifications/progress', params: { progressToken: 'same', progress: 1 } },
    ]);
    expect(two.request.params).toMatchObject({ _meta: { progressToken: 'same' } });
  });

  it('is delivered before the result that follows it, and dropped after it', async () => {
    const { server, connection } = await open();
    const exchange = callTool('a', {}, { params: { _meta: { progressToken: 7 } } });
    const order: string[] = [];
    const outcome = connection.request({ ...exchange, notify: () => void order.push('progress') });
    void outcome.then(() => order.push('result'));
    const { id } = server.last('tools/call');
    server.notify('notifications/progress', { progressToken: id, progress: 1 });
    server.say({ jsonrpc: '2.0', id, result: {} });
    server.notify('notifications/progress', { progressToken: id, progress: 2 });
    await outcome;
    await settle();
    expect(order).toEqual(['progress', 'result']);
  });

  it('of a call that asked for none goes nowhere', async () => {
    const { server, connection, outside } = await open();
    const exchange = callTool('a');
    void connection.request(exchange);
    server.notify('notifications/progress', { progressToken: server.last('tools/call').id, progress: 1 });
    expect(exchange.notifications).toEqual([]);
    expect(outside).toEqual([]);
  });
});

describe('log messages', () => {
  it('of a shared connection go to the one call in flight', async () => {
    const { server, connection, outside } = await open();
    const exchange = callTool('a');
    void connection.request(exchange);
    server.notify('notifications/message', { data: 'x' });
    expect(exchange.notifications).toHaveLength(1);
    expect(outside).toEqual([]);
  });

  it('of a shared connection go to no client when two calls are in flight', async () => {
    const { server, connection, outside } = await open();
    const [one, two] = [callTool('a'), callTool('b')];
    void connection.request(one);
    void connection.request(two);
    server.notify('notifications/message', { data: 'x' });
    expect([...one.notifications, ...two.notifications]).toEqual([]);
    expect(outside).toHaveLength(1);
  });

  it("of a client's own connection go to its latest call, else to its session", async () => {
    const session = makeSession('s1');
    const { server, connection } = await open({ client: askableClient(session) });
    const [one, two] = [callTool('a'), callTool('b')];
    void connection.request(one);
    void connection.request(two);
    server.notify('notifications/message', { data: 'during' });
    expect([one.notifications.length, two.notifications.length]).toEqual([0, 1]);
    for (const { id } of server.of('tools/call')) server.say({ jsonrpc: '2.0', id: id ?? 0, result: {} });
    server.notify('notifications/message', { data: 'after' });
    expect(session.notifications).toMatchObject([{ params: { data: 'after' } }]);
  });
});

describe('what a server says outside any call', () => {
  it.each(['notifications/tools/list_changed', 'notifications/resources/updated'])(
    '%s goes to the pool, also on a connection of a client of its own',
    async (method) => {
      const session = makeSession('s1');
      const shared = await open();
      const own = await open({ client: askableClient(session) });
      shared.server.notify(method, { uri: 'x' });
      own.server.notify(method, { uri: 'x' });
      expect(shared.outside).toEqual([{ method, params: { uri: 'x' } }]);
      expect(own.outside).toEqual([{ method, params: { uri: 'x' } }]);
      expect(session.notifications).toEqual([]);
    },
  );

  it("anything else goes to the session of a client's own connection", async () => {
    const session = makeSession('s1');
    const { server, outside } = await open({ client: askableClient(session) });
    server.notify('notifications/elicitation/complete', { elicitationId: '1' });
    expect(session.notifications).toHaveLength(1);
    expect(outside).toEqual([]);
  });

  it('does not harm the connection when its receiver fails', async () => {
    const { server, connection, log } = await open();
    const failing = { ...callTool('a'), notify: () => { throw new Error('receiver'); } }; // prettier-ignore
    const outcome = connection.request(failing);
    server.notify('notifications/message', {});
    server.say({ jsonrpc: '2.0', id: server.last('tools/call').id, result: {} });
    expect(await outcome).toMatchObject({ kind: 'result' });
    expect(log.of('error')).toHaveLength(1);
  });
});

describe('a modern server', () => {
  it('gets the facts of the client with every request', async () => {
    const { server, connection } = await open({ answer: modernHandshake });
    const client = { ...plainClient, capabilities: { elicitation: {} } };
    void connection.request(callTool('a', {}, { client, logLevel: 'info', params: { _meta: { mine: 1 } } }));
    expect(server.last('tools/call').params['_meta']).toEqual({
      mine: 1,
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': client.info,
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
      'io.modelcontextprotocol/logLevel': 'info',
    });
  });

  it('is told of a cancelled call in the modern form', async () => {
    const { server, connection } = await open({ answer: modernHandshake });
    const exchange = callTool('a');
    const outcome = connection.request(exchange);
    exchange.controller.abort(new Error('gone'));
    await expect(outcome).rejects.toThrow('gone');
    expect(server.of('notifications/cancelled')).toMatchObject([
      { params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } } },
    ]);
  });

  it('delivers to each subscription what it is for, for as long as it lasts', async () => {
    const { server, connection, clock, outside } = await open({ answer: modernHandshake, limits: { inFlight: 1 } });
    const exchange = makeExchange('subscriptions/listen', { params: { notifications: { toolsListChanged: true } } });
    const outcome = connection.request(exchange);
    const { id } = server.last('subscriptions/listen');
    await clock.pass(10_000_000);
    const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
    server.notify('notifications/tools/list_changed', { _meta });
    server.notify('notifications/tools/list_changed', { _meta: { 'io.modelcontextprotocol/subscriptionId': 4711 } });
    expect(exchange.notifications).toEqual([{ method: 'notifications/tools/list_changed', params: { _meta } }]);
    expect(outside).toEqual([]);
    void connection.request(callTool('beside'));
    expect(server.of('tools/call')).toHaveLength(1);
    server.say({ jsonrpc: '2.0', id, result: { resultType: 'complete' } });
    expect(await outcome).toMatchObject({ kind: 'result', era: 'modern' });
  });
});
