import { Payload } from '@hostler/kernel';
import type { Outcome } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { Attempt, FakePool } from '../test/support/fake-connector.ts';
import { askableClient, callTool, makeSession, plainClient, userOf } from '../test/support/make-exchange.ts';
import { upstreamErrors } from './errors.ts';

const spec = makeSpec('a', { interactive: true });
const client = (id: string) => askableClient(makeSession(id));
const crashed = upstreamErrors.UNAVAILABLE({ details: { server: 'a', problem: 'It exited.' } });

async function started(
  prepare: (attempt: Attempt) => void = (attempt) => attempt.succeed(),
  options: Parameters<typeof makePool>[2] = {},
): Promise<FakePool> {
  const made = makePool([spec], prepare, options);
  await made.pool.start();
  return made;
}

describe("a client's own connection", () => {
  it('is opened once for a session, for that client, beside the shared one', async () => {
    const { pool, attempts } = await started();
    const one = client('s1');
    const [first, second] = await Promise.all([pool.connection('a', userOf(one)), pool.connection('a', userOf(one))]);
    expect(first).toBe(second);
    expect(attempts).toHaveLength(2);
    expect(attempts.map(({ context }) => context.client)).toEqual([undefined, one]);
    expect(pool.connection('a', userOf(one))).toBe(first);
    expect(await pool.connection('a', userOf(client('s2')))).not.toBe(first);
    expect(pool.connection('a', userOf(plainClient))).not.toBe(first);
  });

  it.each([
    ['declares nothing that it can be asked', { ...plainClient, session: makeSession('s') }, {}],
    ['has no session', { ...plainClient, capabilities: { sampling: {} } }, {}],
    ['uses a server that is not interactive', client('s'), { interactive: false }],
  ])('is not opened for a client that %s', async (_, askable, changes) => {
    const { pool, attempts } = makePool([{ ...spec, ...changes }], (attempt) => attempt.succeed());
    await pool.start();
    await pool.connection('a', userOf(askable));
    expect(attempts).toHaveLength(1);
  });

  it('is not opened to a modern server, which asks in its results', async () => {
    const { pool, attempts } = makePool([{ ...spec, era: 'modern' }], (attempt) => {
      attempt.era = 'modern';
      attempt.succeed();
    });
    await pool.start();
    await pool.connection('a', userOf(client('s1')));
    expect(attempts).toHaveLength(1);
  });

  it('waits for the shared one to be up', async () => {
    const { pool, attempts } = makePool([spec]);
    void pool.start();
    const waiting = pool.connection('a', userOf(client('s1')));
    attempts[0]?.succeed();
    await settle();
    attempts[1]?.succeed();
    await waiting;
    expect(attempts[1]?.context.client).toBeDefined();
  });

  it('passes on what it says with the session it belongs to', async () => {
    const { pool, events, last } = await started();
    await pool.connection('a', userOf(client('s1')));
    const notification = { method: 'notifications/tools/list_changed' };
    last().context.onNotification(notification);
    expect(events.at(-1)).toEqual({ kind: 'notification', server: 'a', notification, source: 's1', sessionId: 's1' });
  });

  it('tells the server of one client what that client says, and no other', async () => {
    const { pool, attempts } = await started();
    await Promise.all([pool.connection('a', userOf(client('s1'))), pool.connection('a', userOf(client('s2')))]);
    pool.notify('s1', { method: 'notifications/roots/list_changed' });
    expect(attempts.map(({ told }) => told)).toEqual([[], ['notifications/roots/list_changed'], []]);
  });

  it('is refused with UPSTREAM_OVERLOADED when there are too many, until one ends', async () => {
    const { pool } = await started(undefined, { limits: { ownConnections: 2 } });
    await Promise.all([pool.connection('a', userOf(client('s1'))), pool.connection('a', userOf(client('s2')))]);
    expect(() => pool.connection('a', userOf(client('s3')))).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_OVERLOADED' }) as Error,
    );
    await pool.endSession('s1');
    await pool.connection('a', userOf(client('s3')));
  });

  it('gives way to that of another client when its own was silent for a while', async () => {
    const { pool, clock, attempts } = await started(undefined, { limits: { ownConnections: 2 } });
    await Promise.all([pool.connection('a', userOf(client('s1'))), pool.connection('a', userOf(client('s2')))]);
    await clock.pass(31_000);
    await pool.connection('a', userOf(client('s3')));
    expect(attempts.map(({ isClosed }) => isClosed)).toEqual([false, true, false, false]);
  });

  it('ends with its session, also while it is being opened', async () => {
    const { pool, attempts } = await started((attempt) => {
      if (!attempt.context.client || attempt.context.client.session?.id === 's1') attempt.succeed();
    });
    await pool.connection('a', userOf(client('s1')));
    const opening = Promise.resolve(pool.connection('a', userOf(client('s2')))).catch((error: unknown) => error);
    await settle();
    await Promise.all([pool.endSession('s1'), pool.endSession('s2'), pool.endSession('unknown')]);
    expect(attempts[1]?.isClosed).toBe(true);
    expect(attempts[2]?.context.signal.aborted).toBe(true);
    expect(await opening).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('is closed when its client has not used it for the idle time, and opened anew on the next use', async () => {
    const { pool, clock, attempts } = await started(undefined, { limits: { ownIdle: 1_000 } });
    const connection = await pool.connection('a', userOf(client('s1')));
    await clock.pass(900);
    await connection.request(callTool('x'));
    await clock.pass(999);
    expect(attempts[1]?.isClosed).toBe(false);
    await clock.pass(1);
    expect(attempts[1]?.isClosed).toBe(true);
    expect(await pool.connection('a', userOf(client('s1')))).not.toBe(connection);
  });

  it('is not idle while a call is in flight, nor when its client waits for updates', async () => {
    const { pool, clock, last } = await started(undefined, { limits: { ownIdle: 1_000 } });
    const connection = await pool.connection('a', userOf(client('s1')));
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    last().respond = () => promise;
    const outcome = connection.request(callTool('long'));
    await clock.pass(10_000);
    expect(last().isClosed).toBe(false);
    resolve({ kind: 'result', era: 'legacy', payload: Payload.of({}) });
    await outcome;
    const hold = await pool.subscribe('a', 'x:y', userOf(client('s1')), () => {});
    await clock.pass(100_000);
    expect(last().isClosed).toBe(false);
    hold.release();
    await clock.pass(2_000);
    expect(last().isClosed).toBe(true);
  });

  it('that crashed is opened anew, but not at once', async () => {
    const { pool, clock, attempts, last } = await started();
    const one = client('s1');
    await pool.connection('a', userOf(one));
    const [, own] = attempts;
    last().crash(crashed);
    expect(() => pool.connection('a', userOf(one))).toThrow(
      expect.objectContaining({
        code: 'UPSTREAM_UNAVAILABLE',
        details: { server: 'a', mayHaveRun: false, retryAfter: 1 },
      }) as Error,
    );
    expect(pool.states()).toMatchObject([{ status: 'up' }]);
    await clock.pass(1_000);
    await pool.connection('a', userOf(one));
    expect(own?.isClosed).toBe(true);
    expect(attempts).toHaveLength(3);
  });

  it('that crashed takes its lists for changed when it is back', async () => {
    const { pool, clock, events, last } = await started((attempt) => {
      attempt.capabilities = { tools: { listChanged: true }, prompts: {} };
      attempt.succeed();
    });
    const one = userOf(client('s1'));
    await pool.connection('a', one);
    last().crash(crashed);
    await clock.pass(1_000);
    expect(pool.source('a', one)).toBe('shared');
    const told = events.length;
    await pool.connection('a', one);
    expect(pool.source('a', one)).toBe('s1');
    expect(events.slice(told)).toEqual([
      {
        kind: 'notification',
        server: 'a',
        source: 's1',
        sessionId: 's1',
        notification: { method: 'notifications/tools/list_changed' },
      },
    ]);
  });

  it('that crashed in a call does not end the next one when it would have been idle', async () => {
    const { pool, clock, attempts, last } = await started(undefined, { limits: { ownIdle: 10_000 } });
    const one = client('s1');
    const connection = await pool.connection('a', userOf(one));
    const { promise, reject } = Promise.withResolvers<Outcome>();
    last().respond = () => promise;
    const outcome = connection.request(callTool('crash')).catch((error: unknown) => error);
    last().crash(crashed);
    reject(crashed);
    expect(await outcome).toBe(crashed);
    await clock.pass(9_000);
    const next = await pool.connection('a', userOf(one));
    await clock.pass(9_000);
    await next.request(callTool('x'));
    expect(attempts[2]?.isClosed).toBe(false);
  });

  it('that ends while it is being opened is not given out', async () => {
    const { pool, attempts } = await started((attempt) => {
      attempt.succeed();
      if (attempt.context.client) attempt.crash(crashed);
    });
    await expect(pool.connection('a', userOf(client('s1')))).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(attempts[1]?.isClosed).toBe(true);
  });

  it('is closed with the pool', async () => {
    const { pool, clock, attempts } = await started();
    await pool.connection('a', userOf(client('s1')));
    await pool.close();
    expect(attempts.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(clock.pending).toBe(0);
    expect(() => pool.connection('a', userOf(client('s1')))).toThrow('The server "a" is not available.');
  });
});
