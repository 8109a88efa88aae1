import type { Exchange, Outcome } from '@hostler/kernel';
import { Payload } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { makePool, makeSpec } from '../../test/support/fake-connector.ts';
import type { Attempt } from '../../test/support/fake-connector.ts';
import { askableClient, makeSession, plainClient, userOf } from '../../test/support/make-exchange.ts';
import { hostAsClient } from '../host-info.ts';

const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';
const one = 'file:///one';
const two = 'file:///two';

interface Listening {
  readonly exchange: Exchange;
  readonly outcome: ReturnType<typeof Promise.withResolvers<Outcome>>;
  uris(): unknown;
  acknowledge(...uris: string[]): void;
  say(method: string, params?: object): void;
  updated(uri: string): void;
}

function listening(exchange: Exchange): Listening {
  const outcome = Promise.withResolvers<Outcome>();
  exchange.signal.addEventListener('abort', () => outcome.reject(exchange.signal.reason as Error));
  const say = (method: string, params: object = {}): void =>
    exchange.notify({ method, params: { ...params, _meta: { [SUBSCRIPTION]: 1 } } });
  return {
    exchange,
    outcome,
    uris: () => (exchange.request.params['notifications'] as { resourceSubscriptions?: unknown }).resourceSubscriptions,
    acknowledge: (...uris) =>
      say('notifications/subscriptions/acknowledged', {
        notifications: uris.length === 0 ? {} : { resourceSubscriptions: uris },
      }),
    say,
    updated: (uri) => say('notifications/resources/updated', { uri }),
  };
}

async function startModern(capabilities: Attempt['capabilities'] = { resources: { subscribe: true } }) {
  const listens: Listening[] = [];
  const made = makePool([makeSpec('a')], (attempt) => {
    attempt.era = 'modern';
    attempt.capabilities = capabilities;
    attempt.respond = (exchange) => {
      const listen = listening(exchange);
      listens.push(listen);
      return listen.outcome.promise;
    };
    attempt.succeed();
  });
  await made.pool.start();
  const told = (): unknown[] =>
    made.events.flatMap((event) => (event.kind === 'notification' ? [event.notification] : []));
  const subscribe = (uri: string, onLost = (): void => {}) =>
    made.pool.subscribe('a', uri, userOf(hostAsClient), onLost);
  const at = (index: number): Listening => {
    const listen = listens[index];
    if (!listen) throw new Error(`there was no listen ${index}`);
    return listen;
  };
  /** Subscribes to these, until the stream with all of them is the only one. */
  async function subscribed(...uris: string[]) {
    const holding = Promise.all(uris.map((uri) => subscribe(uri)));
    await settle();
    listens.at(-1)?.acknowledge(...uris);
    return holding;
  }
  return { ...made, listens, at, told, subscribe, subscribed };
}

const update = (uri: string) => ({ method: 'notifications/resources/updated', params: { uri } });

describe('resources of a modern server', () => {
  it('are subscribed to once however many hold them, and together', async () => {
    const { listens, at, subscribe } = await startModern();
    const holding = Promise.all([subscribe(one), subscribe(one), subscribe(two)]);
    await settle();
    expect(listens).toHaveLength(1);
    expect(at(0).uris()).toEqual([one, two]);
    at(0).acknowledge(one, two);
    expect(await holding).toMatchObject([{ accepted: true }, { accepted: true }, { accepted: true }]);
  });

  it('are given up when the last holder gives them back, and only then', async () => {
    const { listens, at, subscribed, subscribe } = await startModern();
    const [first] = await subscribed(one);
    const second = await subscribe(one);
    first?.release();
    first?.release();
    await settle();
    expect(at(0).exchange.signal.aborted).toBe(false);
    second.release();
    await settle();
    expect(at(0).exchange.signal.aborted).toBe(true);
    expect(listens).toHaveLength(1);
  });

  it('that the server does not agree to are not held', async () => {
    const { at, subscribe, clock } = await startModern();
    const holding = Promise.all([subscribe(one), subscribe(two)]);
    await settle();
    at(0).acknowledge(one);
    expect(await holding).toMatchObject([{ accepted: true }, { accepted: false }]);
    await clock.pass(1_000);
    // What is wanted is other than what was asked for, so there is another stream.
    expect(at(1).uris()).toEqual([one]);
  });

  it('change streams without loss and without an echo', async () => {
    const { at, told, subscribe, subscribed, clock } = await startModern({
      resources: { subscribe: true, listChanged: true },
    });
    at(0).acknowledge();
    await subscribed(one);
    await clock.pass(1_000);
    const holding = subscribe(two);
    await settle();
    expect(at(2).uris()).toEqual([one, two]);
    // Sent before the second stream was there: only the first one tells.
    at(1).updated(one);
    at(2).acknowledge(one, two);
    expect(await holding).toMatchObject({ accepted: true });
    expect(at(1).exchange.signal.aborted).toBe(false);
    // On its way when the second stream was there: late on the first one.
    at(1).say('notifications/resources/list_changed');
    // From here on the server tells both, in whichever order.
    at(2).updated(one);
    at(1).updated(one);
    at(1).updated(one);
    at(2).updated(one);
    at(2).updated(two);
    await clock.pass(1_000);
    expect(at(1).exchange.signal.aborted).toBe(true);
    at(1).updated(one);
    at(2).updated(one);
    const changed = { method: 'notifications/resources/list_changed', params: {} };
    expect(told()).toEqual([update(one), changed, update(one), update(one), update(two), update(one)]);
  });

  it('that only the new stream told of when the former broke are told of all the same', async () => {
    const { at, told, subscribe, subscribed } = await startModern();
    await subscribed(one);
    void subscribe(two);
    await settle();
    at(1).acknowledge(one, two);
    at(1).updated(one);
    at(1).updated(one);
    at(0).outcome.reject(new Error('broken'));
    await settle();
    expect(told()).toEqual([update(one)]);
    at(1).updated(one);
    expect(told()).toHaveLength(2);
  });

  it('stay on the former stream when the new one breaks, and what only the new one had is taken for changed', async () => {
    const { at, told, subscribe, subscribed, clock } = await startModern();
    await subscribed(one);
    void subscribe(two);
    await settle();
    at(1).acknowledge(one, two);
    at(1).outcome.reject(new Error('broken'));
    await settle();
    at(0).updated(one);
    await clock.pass(1_000);
    at(2).acknowledge(one, two);
    await clock.pass(1_000);
    expect(told()).toEqual([update(one), update(two)]);
  });

  it('are taken for changed after nobody listened for a while', async () => {
    const { at, told, subscribed, clock } = await startModern({ tools: { listChanged: true } });
    at(0).acknowledge();
    await subscribed(one);
    await clock.pass(1_000);
    at(1).outcome.resolve({ kind: 'result', era: 'modern', payload: Payload.of({}) });
    await clock.pass(1_000);
    expect(told()).toEqual([]);
    at(2).acknowledge(one);
    expect(told()).toEqual([{ method: 'notifications/tools/list_changed', params: {} }, update(one)]);
  });

  it('are refused when the server refuses the stream, and the lists are still watched', async () => {
    const { at, told, subscribe } = await startModern({ tools: { listChanged: true } });
    at(0).acknowledge();
    const holding = subscribe(one);
    await settle();
    at(1).outcome.resolve({ kind: 'error', era: 'modern', payload: Payload.of({ code: -32602 }) });
    expect(await holding).toMatchObject({ accepted: false });
    at(0).say('notifications/tools/list_changed');
    expect(told()).toHaveLength(1);
    expect(at(0).exchange.signal.aborted).toBe(false);
  });

  it('fail with UPSTREAM_TIMEOUT when the server never acknowledges them', async () => {
    const { subscribe, clock } = await startModern();
    const holding = subscribe(one).catch((error: unknown) => error);
    await clock.pass(60_000);
    expect(await holding).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });

  it('do not wait for a pause that only nobody needed', async () => {
    const { at, listens, subscribe } = await startModern({ tools: { listChanged: true } });
    at(0).outcome.reject(new Error('broken'));
    await settle();
    void subscribe(one);
    await settle();
    expect(listens).toHaveLength(2);
  });

  it('leave nothing behind when the pool is closed', async () => {
    const { pool, clock, subscribe, subscribed } = await startModern();
    let lost = 0;
    await subscribed(one);
    const holding = subscribe(two, () => (lost += 1)).catch((error: unknown) => error);
    await settle();
    await pool.close();
    expect(await holding).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await settle();
    expect(clock.pending).toBe(0);
  });
});

async function startLegacy() {
  const made = makePool([makeSpec('a', { interactive: true })], (attempt) => attempt.succeed());
  await made.pool.start();
  const asked = (index: number): string[] =>
    (made.attempts[index]?.requests ?? []).map(
      ({ request: { method, params } }) => `${method} ${params['uri'] as string}`,
    );
  return { ...made, asked };
}

describe('resources of a legacy server', () => {
  it('are subscribed to once, and unsubscribed from by the last holder', async () => {
    const { pool, asked } = await startLegacy();
    const holds = [
      await pool.subscribe('a', one, userOf(plainClient), () => {}),
      await pool.subscribe('a', one, userOf(hostAsClient), () => {}),
    ];
    expect(holds).toMatchObject([{ accepted: true, source: 'shared' }, { accepted: true }]);
    holds[0]?.release();
    expect(asked(0)).toEqual([`resources/subscribe ${one}`]);
    holds[1]?.release();
    expect(asked(0)).toEqual([`resources/subscribe ${one}`, `resources/unsubscribe ${one}`]);
  });

  it('are asked about one after the other', async () => {
    const { pool, asked, attempts } = await startLegacy();
    const answers: ReturnType<typeof Promise.withResolvers<Outcome>>[] = [];
    const [attempt] = attempts;
    if (!attempt) throw new Error('not started');
    attempt.respond = () => {
      const answer = Promise.withResolvers<Outcome>();
      answers.push(answer);
      return answer.promise;
    };
    const done: Outcome = { kind: 'result', era: 'legacy', payload: Payload.of({}) };
    const first = pool.subscribe('a', one, userOf(plainClient), () => {});
    await settle();
    answers[0]?.resolve(done);
    (await first).release();
    void pool.subscribe('a', one, userOf(plainClient), () => {});
    await settle();
    expect(asked(0)).toHaveLength(2);
    answers[1]?.resolve(done);
    await settle();
    expect(asked(0).at(-1)).toBe(`resources/subscribe ${one}`);
    expect(asked(0)).toHaveLength(3);
  });

  it('are asked about in portions', async () => {
    const { pool, attempts, asked } = await startLegacy();
    const [attempt] = attempts;
    if (!attempt) throw new Error('not started');
    const answers: (() => void)[] = [];
    attempt.respond = () =>
      new Promise((resolve) => {
        answers.push(() => resolve({ kind: 'result', era: 'legacy', payload: Payload.of({}) }));
      });
    const uris = Array.from({ length: 20 }, (_, index) => `a:${index}`);
    const holding = Promise.all(uris.map((uri) => pool.subscribe('a', uri, userOf(plainClient), () => {})));
    await settle();
    expect(asked(0)).toHaveLength(8);
    while (answers.length > 0) {
      answers.splice(0).forEach((answer) => answer());
      // oxlint-disable-next-line no-await-in-loop -- portion after portion
      await settle();
    }
    expect(await holding).toHaveLength(20);
    expect(asked(0)).toHaveLength(20);
  });

  it('are refused with the words of the server', async () => {
    const { pool, attempts, asked } = await startLegacy();
    const [attempt] = attempts;
    if (!attempt) throw new Error('not started');
    const answer: Outcome = { kind: 'error', era: 'legacy', payload: Payload.of({ code: -32002 }) };
    attempt.respond = () => Promise.resolve(answer);
    const hold = await pool.subscribe('a', one, userOf(plainClient), () => {});
    expect(hold).toMatchObject({ accepted: false, answer });
    hold.release();
    await settle();
    expect(asked(0)).toHaveLength(1);
  });

  it('are subscribed to over the connection of the client that has one', async () => {
    const { pool, asked } = await startLegacy();
    const user = userOf(askableClient(makeSession('s1')));
    expect(await pool.subscribe('a', one, user, () => {})).toMatchObject({ source: 's1' });
    expect(asked(0)).toEqual([]);
    expect(asked(1)).toEqual([`resources/subscribe ${one}`]);
    expect(pool.source('a', user)).toBe('s1');
    expect(pool.source('a', userOf(plainClient))).toBe('shared');
  });

  it('are lost with the connection, and each holder is told once', async () => {
    const { pool, attempts } = await startLegacy();
    let lost = 0;
    await pool.subscribe('a', one, userOf(plainClient), () => (lost += 1));
    const gone = await pool.subscribe('a', one, userOf(plainClient), () => (lost += 10));
    gone.release();
    attempts[0]?.crash(new Error('crashed') as never);
    await settle();
    expect(lost).toBe(1);
    await expect(pool.subscribe('a', one, userOf(plainClient), () => {})).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    });
  });
});
