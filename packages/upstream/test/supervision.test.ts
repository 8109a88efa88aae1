import { alive, descendants } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { failureOf } from './support/failure-of.ts';
import { callTool } from './support/make-exchange.ts';
import { chaosSpec, startPool } from './support/pool-setup.ts';
import { call, textOf, until, WatchedClock } from './support/stdio-setup.ts';

/** Milliseconds for a call and for a ping: told apart by their length, and long enough for what is answered. */
const CALL = 30_001;
const PING = 30_002;

describe('a server that hangs', () => {
  it('is found out by a ping when a call ran out of time, killed, and started again', async () => {
    const clock = new WatchedClock();
    const specs = [chaosSpec('a', [], { callTimeout: CALL }), chaosSpec('b')];
    await using started = await startPool(specs, { clock, limits: { pingTimeout: PING } });
    const { pool } = started;
    const connection = await started.connection();
    const { pid } = await call(connection, 'stats');
    process.kill(Number(pid), 'SIGSTOP');
    const slow = failureOf(connection.request(callTool('ok')));
    clock.end(CALL);
    expect(await slow).toMatchObject({ code: 'UPSTREAM_TIMEOUT', details: { mayHaveRun: true } });
    const second = failureOf(connection.request(callTool('ok')));
    expect(textOf(await (await started.connection('b')).request(callTool('ok')))).toBe('ok');
    expect(clock.end(PING)).toBe(1);
    await until(() => pool.states()[0]?.status === 'down');
    expect(pool.states()[0]?.problem).toContain('It hung');
    expect(await second).toMatchObject({ details: { mayHaveRun: true } });
    await until(() => pool.states()[0]?.status === 'up');
    expect(alive(Number(pid))).toBe(false);
    expect(textOf(await (await started.connection()).request(callTool('ok')))).toBe('ok');
    expect(pool.states()).toMatchObject([{ restarts: 1 }, { restarts: 0 }]);
  });

  it('is not taken for one that is busy: calls that hang cost only themselves', async () => {
    const clock = new WatchedClock();
    const specs = [chaosSpec('a', [], { callTimeout: CALL })];
    await using started = await startPool(specs, { clock, limits: { pingTimeout: PING } });
    const connection = await started.connection();
    const { pid } = await call(connection, 'stats');
    for (let index = 0; index < 3; index += 1) {
      const hanging = failureOf(connection.request(callTool('hang')));
      clock.end(CALL);
      expect(await hanging).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
      // It answers in order: the ping before this.
      expect(await call(connection, 'stats')).toMatchObject({ pid, methods: { ping: index + 1 } });
      expect(clock.end(PING)).toBe(0);
    }
    expect(started.log.of('warn')).toEqual([]);
    expect(started.pool.states()).toMatchObject([{ status: 'up', phase: 'ready', restarts: 0 }]);
  });
});

describe('many calls to one server', () => {
  it('run and wait within its bounds, each with its own answer', async () => {
    await using started = await startPool([chaosSpec('a', [], { concurrency: { running: 4, waiting: 16 } })]);
    const connection = await started.connection();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, async (_, index) => {
        const answer = await connection.request(callTool('echo', { text: String(index) }));
        return [index, JSON.stringify(answer.payload.value()).includes(`"${index}"`)];
      }),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(10);
    expect(refused[0]).toMatchObject({ reason: { code: 'UPSTREAM_OVERLOADED', details: { mayHaveRun: false } } });
    const served = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(served.filter(([, isOwn]) => !isOwn)).toEqual([]);
  });
});

describe('recycling', () => {
  it('ends a server that nobody uses, and starts it again for the next call', async () => {
    const before = new Set(descendants(process.pid));
    await using started = await startPool([chaosSpec('a', [], { recycle: { idle: 300 } })]);
    const { pid } = await call(await started.connection(), 'stats');
    await until(() => !alive(Number(pid)));
    await until(() => started.pool.states()[0]?.phase === 'closed');
    expect(started.pool.states()).toMatchObject([{ status: 'up' }]);
    await until(() => descendants(process.pid).every((id) => before.has(id)));
    const { pid: next } = await call(await started.connection(), 'stats');
    expect(next).not.toBe(pid);
  });

  it('replaces a server that has lived for long enough while calls go on, and none fails', async () => {
    await using started = await startPool([chaosSpec('a', [], { recycle: { lifetime: 400 } })]);
    const pids = new Set<unknown>();
    const end = performance.now() + 30_000;
    const work = async (): Promise<void> => {
      while (performance.now() < end && pids.size < 4) {
        const { pid } = await call(await started.connection(), 'stats');
        pids.add(pid);
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect(pids.size).toBeGreaterThanOrEqual(3);
    expect(started.log.of('warn')).toEqual([]);
    const [present] = [...pids].slice(-1);
    await until(() => [...pids].filter((pid) => alive(Number(pid))).length <= 1 || !alive(Number(present)));
  });
});

describe('a pool that changes while it runs', () => {
  it('replaces, restarts and removes real servers without a trace of them', async () => {
    const before = new Set(descendants(process.pid));
    const started = await startPool([chaosSpec('a')]);
    const { pool } = started;
    const pids: unknown[] = [];
    const note = async (): Promise<void> => void pids.push((await call(await started.connection(), 'stats'))['pid']);
    await note();
    await pool.restart('a', 1_000);
    await note();
    await pool.replace(chaosSpec('a', ['--era', 'modern']), 1_000);
    await note();
    expect(new Set(pids).size).toBe(3);
    await expect(pool.replace(chaosSpec('a', ['--exit-on-start', '3']), 1_000)).rejects.toMatchObject({
      details: { problem: 'It exited with code 3.' },
    });
    expect(pids.map((pid) => alive(Number(pid)))).toEqual([false, false, true]);
    pool.add(chaosSpec('b'));
    await until(() => pool.states()[1]?.status === 'up');
    expect(await Promise.all([pool.remove('a', 1_000), pool.remove('b', 1_000)])).toEqual([true, true]);
    await until(() => descendants(process.pid).every((id) => before.has(id)));
    await pool.close();
  });

  it('fails what a removed server still does when its grace is over', async () => {
    await using started = await startPool([chaosSpec('a', [], { callTimeout: 20_000 })]);
    const hanging = failureOf((await started.connection()).request(callTool('hang')));
    await started.pool.remove('a', 200);
    expect(await hanging).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { mayHaveRun: true } });
  });
});
