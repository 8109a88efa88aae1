import { existsSync } from 'node:fs';
import { alive, exchange } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { chaosSpec } from './support/chaos-spec.ts';
import { listedTools } from './support/listed-tools.ts';
import { startMachineNoise } from './support/machine-noise.ts';
import type { Outcome } from './support/outcome.ts';
import { withRig } from './support/rig.ts';

/** Not even a zombie. */
const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`);

function pidsOf({ structured = {} }: Outcome): readonly number[] {
  return ['pid', 'grandchild'].flatMap((name) => (typeof structured[name] === 'number' ? [structured[name]] : []));
}

describe('a child that resists', () => {
  it('F10 it stops reading: -32011 in time, what waits is bounded, it is ended and started again', () =>
    withRig({ chaos: { faulty: [] }, callTimeout: 3_000 }, async ({ call, until, served }) => {
      const [pid = 0] = pidsOf(await call('faulty', 'stats'));
      process.kill(pid, 'SIGSTOP');
      const text = 'x'.repeat(1_000_000);
      const pending: Promise<Outcome>[] = [];
      for (let count = 0; count < 12; count += 1) {
        pending.push(call('faulty', 'echo', { text }));
        // One after the other: twelve large requests at once are work of their own.
        await exchange(`${served.url}/livez`);
      }
      const outcomes = await Promise.all(pending);
      const codes = outcomes.map(({ error }) => error?.code);
      expect(new Set(codes)).toEqual(new Set([-32_011, -32_016]));
      for (const { own } of outcomes) expect(own).toBeLessThan(3_500);
      await expect.poll(() => isGone(pid), { timeout: 20_000 }).toBe(true);
      await until('faulty', 'up');
      expect((await call('faulty', 'ok')).text).toBe('ok');
    }));

  it('F11 it ignores the end of stdin and SIGTERM, F12 so does its grandchild: all gone within the grace, no zombie', async () => {
    const pids: number[] = [];
    let asked = 0;
    // Before the rig, which compares what is open.
    const noise = await startMachineNoise();
    const clock = (): number => performance.now() - noise.total();
    const chaos = { stubborn: ['--ignore-sigterm', '--ignore-stdin-close'], forking: [], inheriting: [] };
    await withRig({ chaos, steady: false }, async ({ call }) => {
      pids.push(...pidsOf(await call('stubborn', 'stats')));
      pids.push(...pidsOf(await call('forking', 'fork-grandchild')));
      pids.push(...pidsOf(await call('inheriting', 'fork-grandchild', { inherit: true })));
      expect(pids.filter(alive)).toHaveLength(5);
      asked = clock();
    });
    // The last word on a grandchild has the system's first process.
    await expect.poll(() => pids.filter((pid) => !isGone(pid)), { timeout: 10_000, interval: 20 }).toEqual([]);
    expect(clock() - asked).toBeLessThan(8_000);
    await noise.stop();
  });

  it.each([false, true])(
    'F12 it crashes beside its grandchild (pipes inherited: %s): none is left before the next start',
    (inherit) =>
      withRig({ chaos: { forking: [] } }, async ({ call, until }) => {
        const pids = pidsOf(await call('forking', 'fork-grandchild', { inherit }));
        expect((await call('forking', 'crash')).error?.code).toBe(-32_010);
        await until('forking', 'up');
        expect(pids.filter(alive)).toEqual([]);
        expect((await call('forking', 'ok')).text).toBe('ok');
      }),
  );
});

describe('a child that does not come up', () => {
  it.each([
    ['ENOENT', '/nonexistent/CANARY-command'],
    ['EACCES', '/etc/hostname'],
  ])('F14 %s: that server is down and says why, in its own words; the others serve', (_name, command) => {
    const spec = chaosSpec('broken');
    const args = ['--token', 'CANARY-argument'];
    const broken = { ...spec, transport: { ...spec.transport, command, args } as never };
    return withRig({ specs: [broken], steady: false }, async ({ callModern, until, served }) => {
      const { problem, problemCode } = await until('broken', 'down');
      expect(problemCode).toBe('UPSTREAM_UNAVAILABLE');
      expect(problem).toMatch(/\w+ .*\./);
      expect(problem).not.toContain('CANARY-argument');
      expect(served.log()).not.toContain('CANARY-argument');
      const { error, own } = await callModern('broken', 'ok');
      expect(error?.code).toBe(-32_010);
      expect(own).toBeLessThan(500);
    });
  });

  it('F15 it takes a minute: the others are served at once, the whole is degraded, its tools are not listed', async () => {
    // Long enough for the rig to be there while it starts.
    const slow = { ...chaosSpec('slow', ['--start-delay=60000'], 500), startTimeout: 8_000 };
    await withRig({ specs: [slow], early: true, steady: false }, async (rig) => {
      const { call, until, served } = rig;
      expect(served.runtime.readiness().phase).toBe('starting');
      expect((await call('control', 'ok')).text).toBe('ok');
      expect((await rig.callModern('slow', 'ok')).error?.code).toBe(-32_010);
      await until('slow', 'down');
      await expect.poll(async () => (await exchange(`${served.url}/readyz`)).status, { timeout: 10_000 }).toBe(200);
      expect(JSON.parse((await exchange(`${served.url}/healthz`)).text)).toMatchObject({ status: 'degraded' });
      const { error, own } = await rig.callModern('slow', 'ok');
      expect(error).toMatchObject({ code: -32_010, data: { mayHaveRun: false } });
      expect(own).toBeLessThan(700);
      const names = await listedTools(`${served.url}/mcp`);
      expect(names).toContain('control__ok');
      expect(names.filter((name) => name.startsWith('slow__'))).toEqual([]);
    });
  });
});
