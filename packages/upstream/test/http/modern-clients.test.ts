import type { ServerResponse } from 'node:http';
import type { Client, ClientAnswer, Exchange } from '@hostler/kernel';
import { describe, expect, test } from 'vitest';
import { connectHttp, contextFor, exchangeOf } from './support/context.ts';
import { Inbox } from './support/inbox.ts';
import { notification, openEvents, resultOf, sendEvent } from './support/raw-server.ts';
import type { Received } from './support/raw-server.ts';
import { startLegacy } from './support/scripted-servers.ts';

const client: Client = {
  era: 'modern',
  protocolVersion: '2026-07-28',
  capabilities: { elicitation: {} },
};

const question = (id: string) => ({ jsonrpc: '2.0', id, method: 'elicitation/create', params: { message: id } });

/** A legacy server whose streams, that of the session and those of the calls, are in the hands of the test. */
async function start() {
  const outside = new Inbox<ServerResponse>();
  const calls = new Inbox<{ received: Received; response: ServerResponse }>();
  const server = await startLegacy({
    stream: (_, response) => {
      openEvents(response);
      outside.add(response);
    },
    call: (received, response) => {
      openEvents(response);
      calls.add({ received, response });
    },
  });
  const connection = await connectHttp(contextFor({ url: server.url, client }));
  return Object.assign(server, { connection, calls, outside: await outside.next() });
}

function call(name: string, ask?: Exchange['ask']) {
  const answer: ClientAnswer = { kind: 'result', result: { name } };
  return exchangeOf('tools/call', { name }, { client, ask: ask ?? (() => Promise.resolve(answer)) });
}

describe('the questions of a server that serves modern clients', () => {
  test('on the stream of a call go to that call', async () => {
    await using server = await start();
    const [one, two] = [call('one'), call('two')];
    const outcomes = [server.connection.request(one), server.connection.request(two)];
    const streams = [await server.calls.next(), await server.calls.next()];
    const first = streams.find(({ received }) => received.message.params?.['name'] === 'one');
    sendEvent(first!.response, question('q'));
    expect((await server.next('answer')).message).toMatchObject({ id: 'q', result: { name: 'one' } });
    for (const { received, response } of streams) sendEvent(response, resultOf(received, {}));
    await Promise.all(outcomes);
    await server.connection.close();
  });

  test('outside any call go to the one in flight, or wait until it is clear which is meant', async () => {
    await using server = await start();
    const [one, two] = [call('one'), call('two')];
    const first = server.connection.request(one);
    const firstStream = await server.calls.next();
    sendEvent(server.outside, question('q1'));
    expect((await server.next('answer')).message).toMatchObject({ id: 'q1', result: { name: 'one' } });
    const second = server.connection.request(two);
    const secondStream = await server.calls.next();
    sendEvent(server.outside, question('q2'));
    sendEvent(server.outside, { jsonrpc: '2.0', id: 'p', method: 'ping' });
    expect((await server.next('answer')).message).toMatchObject({ id: 'p' });
    sendEvent(firstStream.response, resultOf(firstStream.received, {}));
    await first;
    expect((await server.next('answer')).message).toMatchObject({ id: 'q2', result: { name: 'two' } });
    sendEvent(secondStream.response, resultOf(secondStream.received, {}));
    await second;
    sendEvent(server.outside, question('q3'));
    expect((await server.next('answer')).message).toMatchObject({ id: 'q3', error: { code: -32601 } });
    await server.connection.close();
  });

  test.each(['withdrawn by the server', 'left over when the call ends'])('are %s', async (how) => {
    const asked = Promise.withResolvers<AbortSignal>();
    await using server = await start();
    const outcome = server.connection.request(
      call('one', (_, signal) => {
        asked.resolve(signal!);
        return new Promise(() => {});
      }),
    );
    const { response, received } = await server.calls.next();
    sendEvent(response, question('q'));
    const signal = await asked.promise;
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    if (how.startsWith('withdrawn')) sendEvent(response, notification('notifications/cancelled', { requestId: 'q' }));
    else sendEvent(response, resultOf(received, {}));
    await aborted;
    sendEvent(server.outside, { jsonrpc: '2.0', id: 'p', method: 'ping' });
    expect((await server.next('answer')).message).toMatchObject({ id: 'p' });
    sendEvent(response, resultOf(received, {}));
    await outcome;
    await server.connection.close();
  });
});
