import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Consumer } from '@hostler/kernel';
import type { HttpEndpoint } from '../src/index.ts';
import { answersTo, ask, asking, call, form, questionsOf, retry } from './support/asking-host.ts';
import { FacesRig, SocketClient } from './support/faces-rig.ts';
import { EventStream, HttpRig, responseOf, withPatience } from './support/http-rig.ts';
import { initialize, legacy, modern, modernHeaders } from './support/messages.ts';

const all = { kind: 'all' } as const;
const never = (): Promise<never> => new Promise(() => undefined);
const endAlice = (endpoint: HttpEndpoint): void => endpoint.endWhere(({ name }) => name === 'alice');

/** A consumer whose token expires so many milliseconds from now. */
function expiring(name: string, milliseconds: number): Consumer {
  return { name, identity: { method: 'jwt', expiresAt: Date.now() + milliseconds } };
}

describe('a consumer that is let in no longer', () => {
  test('loses its session, the stream and the request under way; those of others go on', async () => {
    await using rig = await HttpRig.start({ dispatch: never });
    const alice = await rig.initialize();
    const stream = await rig.stream('GET', undefined, alice);
    const seen = rig.host.nextDispatch();
    const pending = rig.post(legacy('tools/call', 5, { name: 'x' }), alice);
    const exchange = await seen;
    rig.caller = { scope: all, consumer: { name: 'bob' } };
    const bob = await rig.initialize();
    const streamOfBob = await rig.stream('GET', undefined, bob);

    endAlice(rig.endpoint);
    expect((await pending).messages).toMatchObject([{ id: 5, error: { data: { code: 'HTTP_ACCESS_ENDED' } } }]);
    expect(exchange.signal.reason).toMatchObject({ code: 'HTTP_ACCESS_ENDED' });
    await stream.end();
    expect(rig.host.endedSessions).toEqual([alice['mcp-session-id']]);
    expect((await rig.post(legacy('ping', 6), bob)).status).toBe(200);
    expect(streamOfBob.ended).toBe(false);
    rig.caller = { scope: all, consumer: { name: 'alice' } };
    expect((await rig.post(legacy('ping', 7), alice)).status).toBe(404);
  });

  test('loses what it listens to in the modern era, with the reason', async () => {
    await using rig = await HttpRig.start({ dispatch: never });
    const message = modern('subscriptions/listen', { id: 3 });
    const seen = rig.host.nextDispatch();
    const opened = rig.stream('POST', message, modernHeaders(message));
    (await seen).notify({ method: 'notifications/subscriptions/acknowledged', params: {} });
    const stream = await opened;
    await stream.event(0);
    endAlice(rig.endpoint);
    await stream.end();
    expect(stream.events[1]).toMatchObject({ id: 3, error: { data: { code: 'HTTP_ACCESS_ENDED' } } });
  });

  test('finds no parked call again', async () => {
    await using rig = await HttpRig.start({ dispatch: asking([form]) });
    const first = await ask(rig, call({ id: 7 }));
    expect(questionsOf(first)).toBeDefined();
    endAlice(rig.endpoint);
    expect(rig.host.seen[0]?.signal.reason).toMatchObject({ code: 'HTTP_ACCESS_ENDED' });
    const second = await rig.postModern(retry(first, answersTo(first), { id: 8 }));
    expect(second.messages[0]).toMatchObject({ error: { code: -32602 } });
  });

  test('loses its WebSocket, after an answer to what is under way', async () => {
    await using rig = await FacesRig.start({ dispatch: never });
    const client = await SocketClient.open(rig.socketUrl);
    client.say(initialize());
    await client.message(0);
    const seen = rig.host.nextDispatch();
    client.say(legacy('tools/call', 4, { name: 'x' }));
    await seen;
    endAlice(rig.endpoint);
    expect(await client.message(1)).toMatchObject({ id: 4, error: { data: { code: 'HTTP_ACCESS_ENDED' } } });
    expect(await client.closed).toEqual({ code: 1008, reason: 'HTTP_ACCESS_ENDED' });
    await expect.poll(() => rig.host.endedSessions, { timeout: 20_000 }).toHaveLength(1);
  });

  test('loses its stream of HTTP+SSE and the session with it', async () => {
    await using rig = await FacesRig.start();
    const stream = await openSse(rig);
    endAlice(rig.endpoint);
    await stream.end();
    rig.caller = { scope: all, consumer: { name: 'bob' } };
    const other = await openSse(rig);
    endAlice(rig.endpoint);
    expect(other.ended).toBe(false);
    other.request.destroy();
  });

  test('is not served a request whose body was still on its way', async () => {
    await using rig = await HttpRig.start({ isGood: ({ name }) => name !== 'mallory' });
    rig.caller = { scope: all, consumer: { name: 'mallory' } };
    const answer = await rig.post(initialize());
    expect([answer.status, answer.headers['www-authenticate'], rig.endpoint.sessions()]).toEqual([401, 'Bearer', 0]);
    expect(answer.messages).toMatchObject([{ error: { data: { code: 'HTTP_ACCESS_ENDED' } } }]);
  });
});

describe('a token that expires', () => {
  test('ends the stream, and leaves the session to be taken up with a fresh one', async () => {
    await using rig = await HttpRig.start();
    rig.caller = { scope: all, consumer: expiring('alice', -1) };
    const headers = await rig.initialize();
    const stream = await rig.stream('GET', undefined, headers);
    rig.clock.advance(1_000);
    await stream.end();
    const fresh = expiring('alice', 3_600_000);
    rig.caller = { scope: all, consumer: fresh };
    const next = await rig.stream('GET', undefined, headers);
    rig.clock.advance(1_000);
    expect((await rig.post(legacy('ping', 1), headers)).status).toBe(200);
    expect(next.ended).toBe(false);
    // The session is that of the token with which it was used last.
    rig.endpoint.endWhere((consumer) => consumer !== fresh);
    expect([rig.endpoint.sessions(), next.ended]).toEqual([1, false]);
  });

  test('ends a WebSocket', async () => {
    await using rig = await FacesRig.start();
    rig.caller = { scope: all, consumer: expiring('alice', -1) };
    const client = await SocketClient.open(rig.socketUrl);
    rig.clock.advance(1_000);
    expect((await client.closed).code).toBe(1008);
  });
});

async function openSse(rig: FacesRig): Promise<EventStream> {
  const request = httpRequest(`${rig.url}/sse`, { agent: false, headers: { accept: 'text/event-stream' } });
  const response = responseOf(request);
  request.end();
  const head = await response;
  const begun = new Promise((resolve) => head.once('data', resolve));
  await withPatience(begun, 'the address for messages');
  return new EventStream(request, head);
}
