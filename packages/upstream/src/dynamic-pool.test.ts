import { describe, expect, it } from 'vitest';
import type { Outcome } from '@hostler/kernel';
import { Payload } from '@hostler/kernel';
import { settle } from '@hostler/test-kit';
import { failureOf } from '../test/support/failure-of.ts';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { Attempt, FakePool } from '../test/support/fake-connector.ts';
import { callTool, plainClient, userOf } from '../test/support/make-exchange.ts';
import { upstreamErrors } from './errors.ts';

const user = userOf(plainClient);
const ill = upstreamErrors.UNAVAILABLE({ details: { server: 'a', problem: 'It is ill.' } });
const names = ({ pool }: FakePool): string[] => pool.states().map(({ name }) => name);
const done: Outcome = { kind: 'result', era: 'legacy', payload: Payload.of({}) };

/** A pool whose servers come up, until `fails` is set. */
async function started(...servers: string[]): Promise<FakePool & { fails: boolean }> {
  const made: FakePool & { fails: boolean } = Object.assign(
    makePool(
      servers.map((name) => makeSpec(name)),
      (attempt) => (made.fails ? attempt.fail(ill) : attempt.succeed()),
    ),
    { fails: false },
  );
  await made.pool.start();
  return made;
}

/** Calls of this server answer only when the test says so. */
function holdCalls(attempt: Attempt): () => void {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  attempt.respond = () => promise;
  return () => resolve(done);
}

describe('adding a server to a pool that runs', () => {
  it('starts it at once, as the last in order', async () => {
    const made = await started('b');
    made.pool.add(makeSpec('a'));
    expect(made.pool.states()).toMatchObject([{ name: 'b' }, { name: 'a', status: 'starting' }]);
    await settle();
    expect(made.pool.states()).toMatchObject([{ name: 'b' }, { name: 'a', status: 'up', phase: 'ready' }]);
    expect(made.pool.spec('a')?.name).toBe('a');
    expect(made.events.at(-1)).toMatchObject({ kind: 'state', state: { name: 'a', status: 'up' } });
  });

  it('refuses a name that is taken, and everything once it is closed', async () => {
    const { pool } = await started('a');
    expect(() => pool.add(makeSpec('a'))).toThrow('a cannot be added');
    await pool.close();
    expect(() => pool.add(makeSpec('b'))).toThrow('b cannot be added');
  });
});

describe('removing a server', () => {
  it('says whether there was one, and leaves nothing of it', async () => {
    const made = await started('a', 'b');
    const removed = made.pool.remove('a', 1_000);
    expect(names(made)).toEqual(['b']);
    expect(made.events.at(-1)).toMatchObject({ kind: 'state', state: { name: 'a', status: 'down', phase: 'closed' } });
    expect(() => made.pool.connection('a', user)).toThrow('not available');
    await made.clock.pass(100);
    expect(await removed).toBe(true);
    expect(made.attempts[0]?.isClosed).toBe(true);
    expect(await made.pool.remove('a', 1_000)).toBe(false);
    expect(made.clock.pending).toBe(0);
  });

  it('lets calls under way end within the grace', async () => {
    const { pool, clock, attempts } = await started('a');
    const answer = holdCalls(attempts[0]!);
    const call = (await pool.connection('a', user)).request(callTool('x'));
    const removed = pool.remove('a', 10_000);
    await clock.pass(5_000);
    expect(attempts[0]?.isClosed).toBe(false);
    answer();
    expect(await call).toBe(done);
    await clock.pass(100);
    expect(await removed).toBe(true);
    expect(clock.now()).toBeLessThan(10_000);
  });

  it('closes it at the end of the grace whatever it still does', async () => {
    const { pool, clock, attempts } = await started('a');
    holdCalls(attempts[0]!);
    void (await pool.connection('a', user)).request(callTool('x'));
    const removed = pool.remove('a', 10_000);
    await clock.pass(9_999);
    expect(attempts[0]?.isClosed).toBe(false);
    await clock.pass(1);
    expect(attempts[0]?.isClosed).toBe(true);
    expect(await removed).toBe(true);
  });

  it('ends a start that is under way, and a retry that is planned', async () => {
    const { pool, clock, attempts } = makePool([makeSpec('a')]);
    void pool.start();
    await settle();
    const removed = pool.remove('a', 0);
    await settle();
    expect(attempts[0]?.context.signal.aborted).toBe(true);
    expect(await removed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('makes room for another one of its name at once', async () => {
    const made = await started('a');
    holdCalls(made.attempts[0]!);
    void (await made.pool.connection('a', user)).request(callTool('x'));
    const removed = made.pool.remove('a', 10_000);
    made.pool.add(makeSpec('a', { callTimeout: 1 }));
    await settle();
    expect(made.pool.states()).toMatchObject([{ name: 'a', status: 'up' }]);
    await made.clock.pass(10_000);
    expect(await removed).toBe(true);
    expect(made.attempts.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });
});

describe('replacing a server', () => {
  it('switches when the new one is up, keeps its place, and drains the old one', async () => {
    const made = await started('a', 'b');
    const { pool, clock, attempts, events } = made;
    const answer = holdCalls(attempts[0]!);
    const old = await pool.connection('a', user);
    const call = old.request(callTool('x'));
    const next = makeSpec('a', { callTimeout: 7 });
    const replaced = pool.replace(next, 10_000);
    expect(await pool.connection('a', user)).toBe(old);
    await settle();
    expect(names(made)).toEqual(['a', 'b']);
    expect(pool.spec('a')).toBe(next);
    expect(await pool.connection('a', user)).not.toBe(old);
    expect(events.at(-1)).toMatchObject({ kind: 'state', state: { name: 'a', status: 'up', restarts: 1 } });
    answer();
    expect(await call).toBe(done);
    await clock.pass(100);
    await replaced;
    expect(attempts.map(({ isClosed }) => isClosed)).toEqual([true, false, false]);
  });

  it('keeps the old one when the new one does not come up, and says why', async () => {
    const made = await started('a');
    const { pool, attempts, events, clock } = made;
    const before = events.length;
    const old = await pool.connection('a', user);
    made.fails = true;
    const failure = await failureOf(pool.replace(makeSpec('a'), 1_000));
    expect(failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { problem: 'It is ill.' } });
    expect(await pool.connection('a', user)).toBe(old);
    expect(attempts[0]?.isClosed).toBe(false);
    expect(events).toHaveLength(before);
    await clock.pass(200_000);
    expect(attempts).toHaveLength(2);
  });

  it('takes the place of one that was down even when it is down itself, and goes on trying', async () => {
    const made = await started();
    made.fails = true;
    made.pool.add(makeSpec('a'));
    await settle();
    const next = makeSpec('a', { callTimeout: 7 });
    await expect(made.pool.replace(next, 0)).rejects.toMatchObject({ details: { problem: 'It is ill.' } });
    expect(made.pool.spec('a')).toBe(next);
    made.fails = false;
    await made.clock.pass(1_000);
    expect(made.pool.states()).toMatchObject([{ status: 'up' }]);
    await made.pool.close();
    expect(made.clock.pending).toBe(0);
  });

  it('restart tries a server that is down now', async () => {
    const made = await started('a');
    made.fails = true;
    made.last().crash(ill);
    expect(made.pool.states()).toMatchObject([{ status: 'down' }]);
    made.fails = false;
    await made.pool.restart('a', 0);
    expect(made.pool.states()).toMatchObject([{ status: 'up', restarts: 1 }]);
    await expect(made.pool.restart('x', 0)).rejects.toMatchObject({ details: { server: 'x' } });
  });

  it('does what concerns one name in the order it was asked for', async () => {
    const { pool, clock, attempts } = makePool([makeSpec('a')]);
    void pool.start();
    await settle();
    attempts[0]!.succeed();
    await settle();
    const results = [pool.replace(makeSpec('a'), 0), pool.restart('a', 0), pool.remove('a', 0)];
    await settle();
    expect(attempts).toHaveLength(2);
    attempts[1]!.succeed();
    await settle();
    expect(attempts).toHaveLength(3);
    attempts[2]!.succeed();
    await Promise.all(results);
    expect(attempts.every(({ isClosed }) => isClosed)).toBe(true);
    expect(pool.states()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('is ended with the pool', async () => {
    const { pool, clock, attempts } = makePool([makeSpec('a')]);
    void pool.start();
    await settle();
    attempts[0]!.succeed();
    await settle();
    const replaced = failureOf(pool.replace(makeSpec('a'), 1_000));
    await settle();
    await pool.close();
    expect(await replaced).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(attempts[1]?.context.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
