import { secretErrors } from '@hostler/secrets';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { Attempt } from '../test/support/fake-connector.ts';
import { plainClient, userOf } from '../test/support/make-exchange.ts';
import { upstreamErrors } from './errors.ts';

const succeed = (attempt: Attempt): void => attempt.succeed();
const failWith = (problem: string) => (attempt: Attempt) =>
  attempt.fail(upstreamErrors.UNAVAILABLE({ details: { server: 'a', problem } }));
const crashed = upstreamErrors.UNAVAILABLE({ details: { server: 'a', problem: 'It exited with code 1.' } });
const statuses = (states: readonly { readonly status: string }[]): string[] => states.map(({ status }) => status);

/** What `connection` throws or rejects with. */
async function refusal(pool: ReturnType<typeof makePool>['pool'], name = 'a'): Promise<unknown> {
  try {
    await pool.connection(name, userOf(plainClient));
    return 'there is a connection';
  } catch (error) {
    return error;
  }
}

describe('starting the servers of a pool', () => {
  it('resolves when each is up or down, and never rejects', async () => {
    const { pool, events } = makePool([makeSpec('a'), makeSpec('b')], (attempt) =>
      attempt.context.spec.name === 'a' ? succeed(attempt) : failWith('It is ill.')(attempt),
    );
    expect(statuses(pool.states())).toEqual(['starting', 'starting']);
    await pool.start();
    expect(pool.states()).toMatchObject([
      { name: 'a', status: 'up', restarts: 0, startedIn: 0, server: { info: { name: 'a' } } },
      { name: 'b', status: 'down', problem: 'It is ill.', problemCode: 'UPSTREAM_UNAVAILABLE' },
    ]);
    expect(events.filter(({ kind }) => kind === 'state')).toHaveLength(4);
  });

  it('starts at most eight at a time', async () => {
    const { pool, attempts } = makePool(Array.from({ length: 20 }, (_, index) => makeSpec(`s${index}`)));
    const starting = pool.start();
    await settle();
    expect(attempts).toHaveLength(8);
    attempts[0]?.succeed();
    attempts[1]?.fail(new Error('x'));
    await settle();
    expect(attempts).toHaveLength(10);
    while (attempts.some(({ isClosed }) => !isClosed) && pool.states().some(({ status }) => status === 'starting')) {
      for (const attempt of attempts) attempt.succeed();
      await settle();
    }
    await starting;
    expect(attempts).toHaveLength(20);
  });

  it('gives a start up at its deadline, with what to do', async () => {
    const { pool, clock } = makePool([makeSpec('a', { startTimeout: 5_000 })]);
    const starting = pool.start();
    await clock.pass(5_000);
    await starting;
    expect(pool.states()).toMatchObject([
      { status: 'down', problem: 'It was not ready within 5 s: look at its log, or raise startTimeout.' },
    ]);
  });

  it('keeps words that are not its own out of what callers see', async () => {
    const { pool } = makePool([makeSpec('a')], (attempt) => attempt.fail(new Error('/secret/path')));
    await pool.start();
    expect(JSON.stringify(pool.states())).not.toContain('secret');
    const { pool: other } = makePool([makeSpec('a')], failWith('Its command "/opt/x" was not found.'));
    await other.start();
    expect(await refusal(other)).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      details: { server: 'a', mayHaveRun: false, retryAfter: 1 },
    });
    expect(JSON.stringify(await refusal(other))).not.toContain('/opt');
  });

  it('is blocked without its secret, tells callers so, and tries again', async () => {
    const { pool, clock, attempts } = makePool([makeSpec('a')], (attempt) =>
      attempt.fail(secretErrors.NOT_FOUND({ details: { reference: 'gcp://p/n' } })),
    );
    await pool.start();
    expect(pool.states()).toMatchObject([
      { status: 'blocked', problem: 'Secret gcp://p/n does not exist.', problemCode: 'SECRET_NOT_FOUND' },
    ]);
    expect(await refusal(pool)).toMatchObject({ code: 'SECRET_NOT_FOUND', details: { retryAfter: 1 } });
    await clock.pass(1_000);
    expect(attempts).toHaveLength(2);
  });
});

describe('a server of a pool that ends', () => {
  it('is started again after a second, and is up again', async () => {
    const { pool, clock, attempts, last } = makePool([makeSpec('a')], succeed);
    await pool.start();
    const [first] = attempts;
    last().crash(crashed);
    expect(pool.states()).toMatchObject([{ status: 'down', problem: 'It exited with code 1.' }]);
    expect(await refusal(pool)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await clock.pass(999);
    expect(attempts).toHaveLength(1);
    await clock.pass(1);
    expect(pool.states()).toMatchObject([{ status: 'up', restarts: 1 }]);
    expect(first?.isClosed).toBe(true);
    await pool.connection('a', userOf(plainClient));
  });

  it('is tried again after ever longer pauses, and after the fifth crash only every minute', async () => {
    const { pool, clock, attempts } = makePool([makeSpec('a')], failWith('no'));
    await pool.start();
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const begun = clock.now();
      while (attempts.length === attempt) await clock.pass(500);
      pauses.push(clock.now() - begun);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 60_000, 60_000, 60_000, 60_000]);
  });

  it('is trusted again when it has stayed up for two minutes', async () => {
    const { pool, clock, attempts, last } = makePool([makeSpec('a')], succeed);
    await pool.start();
    for (let crash = 1; crash <= 5; crash += 1) {
      last().crash(crashed);
      while (attempts.length === crash) await clock.pass(500);
    }
    await clock.pass(120_000);
    last().crash(crashed);
    await clock.pass(1_000);
    expect(attempts).toHaveLength(7);
  });

  it('does not come back in step with others: half of the pause is random', async () => {
    const { pool, clock, attempts } = makePool([makeSpec('a')], failWith('no'), { random: () => 0 });
    await pool.start();
    await clock.pass(500);
    expect(attempts).toHaveLength(2);
  });

  it('lets calls wait for a start that is under way, as long as a call may take', async () => {
    const { pool, clock, attempts, last } = makePool([makeSpec('a', { callTimeout: 3_000 })]);
    void pool.start();
    await settle();
    const served = pool.connection('a', userOf(plainClient));
    const late = refusal(pool);
    expect(served).toBeInstanceOf(Promise);
    await clock.pass(2_000);
    last().succeed();
    expect(await served).toMatchObject({ server: { info: { name: 'a' } } });
    expect(await late).toBe('there is a connection');
    last().crash(crashed);
    await clock.pass(1_000);
    expect(attempts).toHaveLength(2);
    const tooLate = refusal(pool);
    await clock.pass(3_000);
    expect(await tooLate).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { mayHaveRun: false } });
  });

  it('is served without a promise while it is up', async () => {
    const { pool } = makePool([makeSpec('a')], succeed);
    await pool.start();
    expect(pool.connection('a', userOf(plainClient))).not.toBeInstanceOf(Promise);
  });
});

describe('a pool', () => {
  it('knows its specs and no others', async () => {
    const spec = makeSpec('a');
    const { pool } = makePool([spec], succeed);
    expect(pool.spec('a')).toBe(spec);
    expect(pool.spec('__proto__')).toBeUndefined();
    expect(await refusal(pool, 'b')).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { server: 'b' } });
  });

  it('passes on what a shared connection says, to every listener, whatever one of them does', async () => {
    const { pool, events, last, log } = makePool([makeSpec('a')], succeed);
    const other: unknown[] = [];
    pool.onEvent(() => {
      throw new Error('a bad listener');
    });
    const unsubscribe = pool.onEvent((event) => void other.push(event));
    await pool.start();
    const notification = { method: 'notifications/tools/list_changed' };
    last().context.onNotification(notification);
    const expected = { kind: 'notification', server: 'a', notification, source: 'shared' };
    expect([events.at(-1), other.at(-1)]).toEqual([expected, expected]);
    expect(log.of('error').length).toBeGreaterThan(0);
    unsubscribe();
    const before = other.length;
    last().context.onNotification(notification);
    expect(other).toHaveLength(before);
  });

  it('closes every connection, ends starts under way, and leaves no timer', async () => {
    const { pool, clock, attempts } = makePool([makeSpec('a'), makeSpec('b'), makeSpec('c')], (attempt) => {
      if (attempt.context.spec.name === 'a') attempt.succeed();
      if (attempt.context.spec.name === 'b') attempt.fail(new Error('x'));
    });
    const starting = pool.start();
    await settle();
    await Promise.all([pool.close(), pool.close()]);
    await starting;
    expect(attempts.map(({ isClosed }) => isClosed)).toEqual([true, false, false]);
    expect(attempts[2]?.context.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
    expect(await refusal(pool)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await clock.pass(1_000_000);
    expect(attempts).toHaveLength(3);
  });

  it('closes a connection that came about after all', async () => {
    const { pool, last } = makePool([makeSpec('a')], (attempt) => {
      attempt.context.signal.addEventListener('abort', () => attempt.succeed());
    });
    void pool.start();
    await settle();
    last().succeed();
    await pool.close();
    expect(last().isClosed).toBe(true);
  });
});
