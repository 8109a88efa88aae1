import { expect, test } from 'vitest';
import type { Consumer, Outcome } from '@hostler/kernel';
import { result } from './support/fake-host.ts';
import { HttpRig } from './support/http-rig.ts';
import { initialize, legacy } from './support/messages.ts';

/** Whoever opens one after another, each with a proof of who they are. */
function opening(rig: HttpRig) {
  return async (name: string, subject = name): Promise<string> => {
    rig.caller = { scope: { kind: 'all' }, consumer: { name, identity: { method: 'jwt', subject } } };
    rig.clock.advance(1_000);
    return (await rig.initialize())['mcp-session-id'] ?? '';
  };
}

test('a full table makes room by ending the longest idle session of who has the most', async () => {
  await using rig = await HttpRig.start({ limits: { sessions: 4 } });
  const as = opening(rig);
  await as('bob');
  const alice = [await as('alice'), await as('alice'), await as('alice')];
  // Nobody has more than she has: she loses her own.
  alice.push(await as('alice'));
  expect(rig.host.endedSessions).toEqual(alice.slice(0, 1));
  // Whoever has fewer takes one of hers, however long those of others are idle, and their own as well.
  await as('carol');
  await as('bob');
  expect(rig.host.endedSessions).toEqual(alice.slice(0, 3));
  expect(rig.endpoint.sessions()).toBe(4);
});

test('nobody loses a session to somebody who has as many or more', async () => {
  await using rig = await HttpRig.start({ limits: { sessions: 3 } });
  const as = opening(rig);
  await as('bob');
  for (const _ of [1, 2]) {
    // oxlint-disable-next-line no-await-in-loop -- one after another
    await rig.stream('GET', undefined, { 'mcp-session-id': await as('alice') });
  }
  const refused = await rig.post(initialize());
  expect(refused.messages[0]).toMatchObject({ error: { data: { code: 'HTTP_TOO_MANY_SESSIONS' } } });
  expect(rig.host.endedSessions).toEqual([]);
});

test('a consumer has its share of the sessions, and of its share whoever has the most gives way', async () => {
  const boundsOf = ({ name }: Consumer) => (name === 'bob' ? { sessions: 1 } : undefined);
  await using rig = await HttpRig.start({ limits: { sessionsPerConsumer: 3 }, boundsOf });
  const as = opening(rig);
  const other = await as('team', 'eve');
  const [first] = [await as('team', 'dan'), await as('team', 'dan')];
  await as('team', 'fay');
  expect(rig.host.endedSessions).toEqual([first]);
  const second = await as('team', 'eve');
  expect(rig.host.endedSessions).toEqual([first, other]);
  const bob = await as('bob');
  await as('bob');
  expect(rig.host.endedSessions).toEqual([first, other, bob]);
  expect(rig.endpoint.sessions()).toBe(4);
  expect(second).not.toBe(other);
});

test('where nobody proves who they are there are no shares', async () => {
  await using rig = await HttpRig.start({ limits: { sessionsPerConsumer: 1, inFlightPerConsumer: 1, sessions: 3 } });
  await rig.initialize();
  await rig.initialize();
  expect(rig.endpoint.sessions()).toBe(2);
});

test('what a client says of itself is bounded, since it stays with the session', async () => {
  await using rig = await HttpRig.start();
  const large = initialize({ experimental: { words: 'x'.repeat(70_000) } });
  const answer = await rig.post(large);
  expect(answer.messages[0]).toMatchObject({ error: { code: -32602 } });
  expect(rig.endpoint.sessions()).toBe(0);
});

test('when every session is in use a new one is refused', async () => {
  await using rig = await HttpRig.start({ limits: { sessions: 1 } });
  await rig.stream('GET', undefined, await rig.initialize());
  const answer = await rig.post(initialize());
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
  expect(answer.messages[0]).toMatchObject({
    id: 0,
    error: { code: -32016, data: { code: 'HTTP_TOO_MANY_SESSIONS' } },
  });
  expect(rig.endpoint.sessions()).toBe(1);
});

test('requests of one consumer take no more than its share of that limit', async () => {
  const held = Promise.withResolvers<Outcome>();
  await using rig = await HttpRig.start({
    limits: { inFlight: 3, inFlightPerConsumer: 2 },
    dispatch: () => held.promise,
  });
  const as = opening(rig);
  const running: Promise<unknown>[] = [];
  const start = async (session: string): Promise<void> => {
    const dispatched = rig.host.nextDispatch();
    running.push(rig.post(legacy('tools/list', 1), { 'mcp-session-id': session }));
    await dispatched;
  };
  const statusOf = async (id: string): Promise<number> =>
    (await rig.post(legacy('tools/list', 9), { 'mcp-session-id': id })).status;
  await start(await as('alice'));
  await start(await as('alice'));
  expect(await statusOf(await as('alice'))).toBe(429);
  const bob = await as('bob');
  await start(bob);
  expect(await statusOf(bob)).toBe(429);
  held.resolve(result({}, 'legacy'));
  await Promise.all(running);
});
