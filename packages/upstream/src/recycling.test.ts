import type { Outcome } from '@hostler/kernel';
import { Payload } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { Attempt, FakePool } from '../test/support/fake-connector.ts';
import { askableClient, callTool, makeSession, plainClient, userOf } from '../test/support/make-exchange.ts';
import { upstreamErrors } from './errors.ts';

const user = userOf(plainClient);
const result: Outcome = { kind: 'result', era: 'legacy', payload: Payload.of({}) };

async function started(
  changes: Parameters<typeof makeSpec>[1],
  prepare: (attempt: Attempt) => void = (attempt) => attempt.succeed(),
): Promise<FakePool> {
  const made = makePool([makeSpec('a', changes)], prepare);
  await made.pool.start();
  return made;
}

describe('a server that nobody uses', () => {
  const idle = { recycle: { idle: 60_000 } };

  it('is ended, stays up in the eyes of all, and is started by the next call', async () => {
    const { pool, clock, attempts, events } = await started(idle);
    await clock.pass(59_999);
    expect(attempts[0]?.isClosed).toBe(false);
    await clock.pass(100);
    expect(attempts[0]?.isClosed).toBe(true);
    expect(pool.states()).toMatchObject([{ status: 'up', phase: 'closed', server: { info: { name: 'a' } } }]);
    expect(events.filter(({ kind }) => kind === 'state')).toHaveLength(2);
    expect(clock.pending).toBe(0);
    await clock.pass(1_000_000);
    expect(attempts).toHaveLength(1);
    const [connection, same] = await Promise.all([pool.connection('a', user), pool.connection('a', user)]);
    expect(connection).toBe(same);
    expect(await connection.request(callTool('x'))).toBeDefined();
    expect(attempts).toHaveLength(2);
    expect(pool.states()).toMatchObject([{ status: 'up', phase: 'ready' }]);
  });

  it('is in use while a call runs, and for the whole time after it', async () => {
    const { pool, clock, attempts, last } = await started(idle);
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    last().respond = () => promise;
    const call = (await pool.connection('a', user)).request(callTool('x'));
    await clock.pass(150_000);
    resolve(result);
    await call;
    await clock.pass(59_000);
    expect(attempts[0]?.isClosed).toBe(false);
    await clock.pass(1_100);
    expect(attempts[0]?.isClosed).toBe(true);
  });

  it('is in use while somebody waits to hear of a resource', async () => {
    const { pool, clock, attempts } = await started(idle);
    const hold = await pool.subscribe('a', 'a://1', user, () => {});
    await clock.pass(300_000);
    expect(attempts[0]?.isClosed).toBe(false);
    hold.release();
    await clock.pass(120_000);
    expect(attempts[0]?.isClosed).toBe(true);
  });

  it('lets who was just given its connection use it', async () => {
    const { pool, clock, last } = await started(idle);
    const connection = await pool.connection('a', user);
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const old = last();
    old.respond = () => promise;
    await clock.pass(60_000);
    const call = connection.request(callTool('x'));
    await clock.pass(1_000);
    expect(old.isClosed).toBe(false);
    resolve(result);
    expect(await call).toBe(result);
    await clock.pass(1_000);
    expect(old.isClosed).toBe(true);
  });

  it('that cannot be started again is down like any other', async () => {
    let works = true;
    const ill = upstreamErrors.UNAVAILABLE({ details: { server: 'a', problem: 'It is ill.' } });
    const { pool, clock } = await started(idle, (attempt) => (works ? attempt.succeed() : attempt.fail(ill)));
    await clock.pass(61_000);
    works = false;
    await expect(pool.connection('a', user)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(pool.states()).toMatchObject([{ status: 'down', phase: 'closed', problem: 'It is ill.' }]);
    works = true;
    await clock.pass(1_000);
    expect(pool.states()).toMatchObject([{ status: 'up', phase: 'ready' }]);
  });

  it('does not come back for clients with connections of their own', async () => {
    const { pool, clock, attempts } = await started({ ...idle, interactive: true });
    await clock.pass(61_000);
    const client = askableClient(makeSession('s1'));
    await pool.connection('a', userOf(client));
    expect(attempts.map(({ context }) => context.client)).toEqual([undefined, client]);
  });

  it('rests no more once the pool is closed', async () => {
    const { pool, clock, attempts } = await started(idle);
    await clock.pass(60_000);
    await pool.close();
    expect(attempts[0]?.isClosed).toBe(true);
    expect(clock.pending).toBe(0);
    expect(() => pool.connection('a', user)).toThrow('not available');
  });
});

describe('a server that has lived for long enough', () => {
  const lifetime = { recycle: { lifetime: 600_000 } };

  it('is replaced by a fresh one without a failed call', async () => {
    const { pool, clock, attempts, events } = await started(lifetime);
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    attempts[0]!.respond = () => promise;
    const call = (await pool.connection('a', user)).request(callTool('x'));
    await clock.pass(600_000);
    expect(attempts).toHaveLength(2);
    expect(attempts[0]?.isClosed).toBe(false);
    expect(await (await pool.connection('a', user)).request(callTool('x'))).toBeDefined();
    resolve(result);
    expect(await call).toBe(result);
    await clock.pass(1_000);
    expect(attempts[0]?.isClosed).toBe(true);
    expect(pool.states()).toMatchObject([{ status: 'up', restarts: 1 }]);
    expect(events.map((event) => event.kind === 'state' && event.state.status)).not.toContain('down');
    await clock.pass(600_000);
    expect(attempts).toHaveLength(3);
    await pool.close();
    expect(clock.pending).toBe(0);
  });

  it('stays when no fresh one comes up, which is tried again', async () => {
    let works = true;
    const { pool, clock, attempts } = await started(lifetime, (attempt) =>
      works ? attempt.succeed() : attempt.fail(new Error('no')),
    );
    works = false;
    await clock.pass(600_000);
    expect(attempts).toHaveLength(2);
    expect(pool.states()).toMatchObject([{ status: 'up', restarts: 0 }]);
    works = true;
    await clock.pass(61_000);
    expect(attempts).toHaveLength(3);
    expect(pool.states()).toMatchObject([{ status: 'up', restarts: 1 }]);
    await settle();
    await pool.close();
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer when the pool closes before another try', async () => {
    let works = true;
    const { pool, clock } = await started(lifetime, (attempt) =>
      works ? attempt.succeed() : attempt.fail(new Error('no')),
    );
    works = false;
    await clock.pass(600_000);
    await pool.close();
    expect(clock.pending).toBe(0);
  });
});
