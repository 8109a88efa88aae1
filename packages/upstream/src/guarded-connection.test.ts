import type { Exchange, Outcome } from '@hostler/kernel';
import { Payload } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { failureOf } from '../test/support/failure-of.ts';
import { FakeProcess } from '../test/support/fake-process.ts';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { Attempt, FakePool } from '../test/support/fake-connector.ts';
import { callTool, makeExchange, plainClient, userOf } from '../test/support/make-exchange.ts';
import type { Connection } from './connection.ts';
import { upstreamErrors } from './errors.ts';

const user = userOf(plainClient);
const result: Outcome = { kind: 'result', era: 'legacy', payload: Payload.of({}) };
const toolError: Outcome = { kind: 'error', era: 'legacy', payload: Payload.of({ code: -32000, message: 'no' }) };
const down = upstreamErrors.UNAVAILABLE({ details: { server: 'a', mayHaveRun: false } });
const timeout = upstreamErrors.TIMEOUT({ details: { server: 'a', mayHaveRun: true } });
const ok = (): Promise<Outcome> => Promise.resolve(result);
const failWith = (error: Error) => (): Promise<Outcome> => Promise.reject(error);

interface Guarded extends FakePool {
  readonly attempt: Attempt;
  readonly connection: Connection;
  readonly call: () => Promise<unknown>;
}

async function guarded(changes: Parameters<typeof makeSpec>[1] = {}, heard?: number): Promise<Guarded> {
  const made = makePool([makeSpec('a', changes)], (attempt) => {
    attempt.heard = heard;
    attempt.succeed();
  });
  await made.pool.start();
  const connection = await made.pool.connection('a', user);
  return { ...made, attempt: made.last(), connection, call: () => failureOf(connection.request(callTool('x'))) };
}

async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let index = 0; index < count; index += 1) await work();
}

describe('the bound on the calls of a server', () => {
  it('holds over all its connections, and passes on what is left of the time', async () => {
    const { pool, clock, attempt, connection } = await guarded({ concurrency: { running: 1, waiting: 1 } });
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const timeouts: (number | undefined)[] = [];
    attempt.respond = (_, left) => {
      timeouts.push(left);
      return timeouts.length === 1 ? promise : ok();
    };
    const first = connection.request(callTool('x'));
    const second = connection.request(callTool('y'));
    await expect(connection.request(callTool('z'))).rejects.toMatchObject({ code: 'UPSTREAM_OVERLOADED' });
    await clock.pass(20_000);
    expect(timeouts).toEqual([undefined]);
    resolve(result);
    expect(await Promise.all([first, second])).toEqual([result, result]);
    expect(timeouts).toEqual([undefined, 40_000]);
    await pool.close();
    expect(clock.pending).toBe(0);
  });

  it('is not for subscriptions, which last as long as they like', async () => {
    const { attempt, connection } = await guarded({ concurrency: { running: 1, waiting: 0 } });
    attempt.respond = ({ request }) => (request.method === 'tools/call' ? ok() : new Promise(() => {}));
    void connection.request(makeExchange('subscriptions/listen'));
    expect(await connection.request(callTool('x'))).toBe(result);
  });

  it('gives places back whatever becomes of the calls', async () => {
    const { attempt, connection, call } = await guarded({ concurrency: { running: 1, waiting: 0 } });
    attempt.respond = failWith(new Error('left'));
    await times(3, call);
    attempt.respond = ok;
    expect(await connection.request(callTool('x'))).toBe(result);
  });
});

describe('a server whose calls all fail', () => {
  it('gets no more of them after five in a row, until one succeeds', async () => {
    const { pool, clock, log, attempt, call } = await guarded();
    attempt.respond = failWith(down);
    await times(5, call);
    expect(pool.states()).toMatchObject([
      { status: 'up', phase: 'degraded', problemCode: 'UPSTREAM_UNAVAILABLE', problem: expect.any(String) },
    ]);
    const { length } = attempt.requests;
    expect(await call()).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      details: { mayHaveRun: false, retryAfter: 5 },
    });
    expect(attempt.requests).toHaveLength(length);
    await clock.pass(5_000);
    attempt.respond = ok;
    expect(await call()).toBe('it succeeded');
    expect(pool.states()).toMatchObject([{ status: 'up', phase: 'ready' }]);
    expect(pool.states()[0]?.problem).toBeUndefined();
    expect(log.of('warn')).toHaveLength(1);
  });

  it('is tried with one call at a time, after ever longer pauses', async () => {
    const { clock, attempt, call } = await guarded();
    attempt.respond = failWith(down);
    await times(5, call);
    const pauses: number[] = [];
    for (let probe = 0; probe < 6; probe += 1) {
      const before = attempt.requests.length;
      const begun = clock.now();
      while (attempt.requests.length === before) {
        await clock.pass(500);
        await call();
      }
      pauses.push(clock.now() - begun);
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    await clock.pass(60_000);
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    attempt.respond = () => promise;
    const probe = call();
    expect(await call()).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { retryAfter: 1 } });
    resolve(result);
    expect(await probe).toBe('it succeeded');
  });

  it('is tried by the next call when the one that tried it was given up', async () => {
    const { clock, attempt, call } = await guarded();
    attempt.respond = failWith(down);
    await times(5, call);
    await clock.pass(5_000);
    attempt.respond = failWith(new DOMException('left', 'AbortError'));
    expect(await call()).toMatchObject({ name: 'AbortError' });
    attempt.respond = ok;
    expect(await call()).toBe('it succeeded');
  });

  it.each<[string, (exchange: Exchange) => Promise<Outcome>]>([
    ['answers with errors of its own', () => Promise.resolve(toolError)],
    ['has callers who leave', failWith(new DOMException('left', 'AbortError'))],
    ['gives answers that are too large', failWith(upstreamErrors.RESULT_TOO_LARGE({ details: { server: 'a' } }))],
  ])('but not one that %s', async (_, respond) => {
    const { pool, attempt, call } = await guarded();
    attempt.respond = respond;
    await times(10, call);
    expect(attempt.requests).toHaveLength(10);
    expect(pool.states()).toMatchObject([{ phase: 'ready' }]);
  });

  it('is trusted as long as some succeed, or the failures are far apart', async () => {
    const { pool, clock, attempt, call } = await guarded();
    for (let index = 0; index < 20; index += 1) {
      attempt.respond = index % 4 === 3 ? ok : failWith(timeout);
      await call();
    }
    attempt.respond = failWith(timeout);
    await times(6, async () => {
      await call();
      await clock.pass(100_000);
    });
    expect(pool.states()).toMatchObject([{ phase: 'ready' }]);
  });

  it('starts with a clean sheet after a restart', async () => {
    const { pool, clock, attempt, call, last } = await guarded();
    attempt.respond = failWith(down);
    await times(5, call);
    last().crash(down);
    await clock.pass(1_000);
    expect(pool.states()).toMatchObject([{ status: 'up', phase: 'ready' }]);
    expect(await (await pool.connection('a', user)).request(callTool('x'))).toMatchObject({ kind: 'result' });
  });
});

describe('a server that may hang', () => {
  const isPing = ({ request }: Exchange): boolean => request.method === 'ping' || request.method === 'server/discover';
  const never = new Promise<Outcome>(() => {});
  const pings = ({ attempt }: Guarded): Exchange[] => attempt.requests.filter(isPing);
  const forever = { callTimeout: 600_000 };

  it('is asked when a call ran out of time; one that answers is left alone', async () => {
    const made = await guarded({}, 0);
    made.attempt.respond = (exchange) => (isPing(exchange) ? ok() : Promise.reject(timeout));
    expect(await made.call()).toBe(timeout);
    await settle();
    expect(pings(made).map(({ request }) => request.method)).toEqual(['ping']);
    expect(made.pool.states()).toMatchObject([{ status: 'up', phase: 'ready' }]);
  });

  it('is ended and started again when it does not answer that either', async () => {
    const made = await guarded({}, 0);
    const { attempt, attempts, pool, clock, log } = made;
    const bounds: (number | undefined)[] = [];
    attempt.respond = (exchange, bound) => {
      if (isPing(exchange)) bounds.push(bound);
      return Promise.reject(timeout);
    };
    await made.call();
    await settle();
    expect(bounds).toEqual([10_000]);
    expect(attempt.isClosed).toBe(true);
    expect(pool.states()).toMatchObject([{ status: 'down', problem: expect.stringContaining('It hung') }]);
    expect(log.of('warn').length).toBeGreaterThan(0);
    await clock.pass(1_000);
    expect(attempts).toHaveLength(2);
    expect(pool.states()).toMatchObject([{ status: 'up', restarts: 1 }]);
  });

  it('is left alone when it said anything while it was asked', async () => {
    const made = await guarded({}, 0);
    const { attempt, pool } = made;
    attempt.respond = (exchange) => {
      if (isPing(exchange)) attempt.heard = 1;
      return Promise.reject(timeout);
    };
    await made.call();
    await settle();
    expect(pool.states()).toMatchObject([{ status: 'up' }]);
  });

  it('is not fooled by a long call: it pings in the silence, and the call goes on', async () => {
    const made = await guarded(forever, 0);
    const { attempt, pool, clock } = made;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    attempt.respond = (exchange) => (isPing(exchange) ? ok() : promise);
    const call = made.call();
    await clock.pass(100_000);
    expect(pings(made)).toHaveLength(3);
    expect(pool.states()).toMatchObject([{ status: 'up', phase: 'ready' }]);
    resolve(result);
    expect(await call).toBe('it succeeded');
    await clock.pass(100_000);
    expect(pings(made)).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it('nor by one that blocks the server: it is in trouble, and keeps the time of its calls', async () => {
    const made = await guarded(forever, 0);
    const { attempt, pool, clock } = made;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    attempt.respond = (exchange) => (isPing(exchange) ? Promise.reject(timeout) : promise);
    const call = made.call();
    await clock.pass(40_000);
    expect(pool.states()).toMatchObject([{ status: 'up', phase: 'degraded', problemCode: 'UPSTREAM_TIMEOUT' }]);
    await clock.pass(400_000);
    expect(attempt.isClosed).toBe(false);
    attempt.heard = 1;
    resolve(result);
    expect(await call).toBe('it succeeded');
    expect(pool.states()).toMatchObject([{ phase: 'ready' }]);
  });

  it('is not pinged while it says something, nor where silence is no sign', async () => {
    const made = await guarded(forever, 0);
    made.attempt.respond = () => never;
    void made.call();
    for (let index = 0; index < 10; index += 1) {
      made.attempt.heard = index + 1;
      await made.clock.pass(20_000);
    }
    expect(pings(made)).toEqual([]);
    const http = await guarded(forever);
    http.attempt.respond = failWith(timeout);
    await http.call();
    await http.clock.pass(100_000);
    expect(pings(http)).toEqual([]);
  });

  it('is asked in the way of its era', async () => {
    const made = makePool([makeSpec('a')], (attempt) => {
      attempt.era = 'modern';
      attempt.heard = 0;
      attempt.respond = (exchange) => (isPing(exchange) ? ok() : Promise.reject(timeout));
      attempt.succeed();
    });
    await made.pool.start();
    const connection = await made.pool.connection('a', userOf({ ...plainClient, era: 'modern' }));
    await failureOf(connection.request(callTool('x')));
    expect(made.last().requests.map(({ request }) => request.method)).toEqual(['tools/call', 'server/discover']);
  });

  it.each([5_000, 31_000])('leaves no timer behind when it is closed after %i ms of silence', async (silence) => {
    const made = await guarded(forever, 0);
    made.attempt.respond = () => never;
    void made.call();
    await made.clock.pass(silence);
    await made.pool.close();
    expect(made.clock.pending).toBe(0);
  });
});

describe('a process that may stay awake', () => {
  /** Two servers, and how many turns come at once while a call to one of them is under way. */
  async function awake(
    respond: (process: FakeProcess) => Promise<Outcome>,
  ): Promise<(name: string) => Promise<number>> {
    const process = new FakeProcess();
    const { pool, attempts } = makePool([makeSpec('a'), makeSpec('b')], (attempt) => attempt.succeed(), {
      busyPoll: process.poll,
    });
    await pool.start();
    let turns = 0;
    for (const attempt of attempts) {
      attempt.respond = () => {
        ({ turns } = process);
        return respond(process);
      };
    }
    return async (name) => {
      const connection = await pool.connection(name, user);
      await failureOf(connection.request(callTool('x')));
      process.pass(0);
      return turns;
    };
  }

  const taking =
    (milliseconds: number, outcome: () => Promise<Outcome>) =>
    (process: FakeProcess): Promise<Outcome> => {
      process.pass(milliseconds);
      return outcome();
    };

  it('does so for a server that was found to be fast, and for no other', async () => {
    const turnsOf = await awake(taking(0.1, ok));
    expect(await turnsOf('a')).toBe(0);
    await times(30, () => turnsOf('a'));
    expect(await turnsOf('a')).toBe(1);
    expect(await turnsOf('b')).toBe(0);
  });

  it('does not for one that is slow', async () => {
    const turnsOf = await awake(taking(0.3, ok));
    await times(30, () => turnsOf('a'));
    expect(await turnsOf('a')).toBe(0);
  });

  it('is not kept from it by calls that fail', async () => {
    const turnsOf = await awake(taking(0.1, failWith(new Error('left'))));
    await times(30, () => turnsOf('a'));
    expect(await turnsOf('a')).toBe(1);
  });
});
