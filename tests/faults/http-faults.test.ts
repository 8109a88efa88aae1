import { startFaultProxy } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { httpSpec, startChaosHttp } from './support/chaos-http.ts';
import { withRig } from './support/rig.ts';

describe.each(['legacy', 'modern'])('a %s server over HTTP', (era) => {
  it('F2 the network resets its answer half-way: -32010 at once, sent once, the next call is answered', async () => {
    await using chaos = await startChaosHttp('--era', era);
    await using proxy = await startFaultProxy(`${chaos.url}/slow?on=tools/call&ms=200`);
    await withRig({ specs: [httpSpec('remote', proxy.url)] }, async ({ call, callModern }) => {
      expect((await call('remote', 'ok')).error).toBeUndefined();
      const sent = await chaos.received('tools/call');
      await proxy.set({ kind: 'reset', afterBytes: 150 });
      const outcome = await callModern('remote', 'ok');
      expect(outcome.error).toMatchObject({ code: -32_010, data: { code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true } });
      expect(outcome.own).toBeLessThan(1_200);
      await proxy.set({ kind: 'none' });
      expect((await chaos.received('tools/call')) - sent).toBe(1);
      expect((await call('remote', 'ok')).error).toBeUndefined();
    });
  });

  it('F2 nobody listens any more: -32010, and it may not have run; it is found again', async () => {
    await using chaos = await startChaosHttp('--era', era);
    await using proxy = await startFaultProxy(`${chaos.url}/ok-json`);
    await withRig({ specs: [httpSpec('remote', proxy.url)] }, async ({ call }) => {
      expect((await call('remote', 'ok')).error).toBeUndefined();
      const sent = await chaos.received('tools/call');
      await proxy.set({ kind: 'refuse' });
      const { error, own } = await call('remote', 'ok');
      expect(error?.code).toBe(-32_010);
      expect(own).toBeLessThan(1_000);
      await proxy.set({ kind: 'none' });
      expect((await chaos.received('tools/call')) - sent).toBe(0);
      await expect
        .poll(async () => (await call('remote', 'ok')).error, { timeout: 20_000, interval: 100 })
        .toBeUndefined();
    });
  });

  it('F3 the network swallows everything: -32011 at the deadline', async () => {
    await using chaos = await startChaosHttp('--era', era);
    await using proxy = await startFaultProxy(`${chaos.url}/ok-json`);
    await withRig({ specs: [httpSpec('remote', proxy.url, 1_000)], steady: false }, async ({ call }) => {
      expect((await call('remote', 'ok')).error).toBeUndefined();
      await proxy.set({ kind: 'blackhole' });
      const { error, elapsed, own } = await call('remote', 'ok');
      expect(error).toMatchObject({ code: -32_011, data: { mayHaveRun: true } });
      expect(elapsed).toBeGreaterThanOrEqual(950);
      expect(own).toBeLessThanOrEqual(1_100);
      await proxy.set({ kind: 'refuse' });
      await proxy.set({ kind: 'none' });
      await expect
        .poll(async () => (await call('remote', 'ok')).error, { timeout: 20_000, interval: 100 })
        .toBeUndefined();
    });
  });

  it('F3 hangs, F7 answers half a message, F8 answers without end: each call alone fails, sent once', async () => {
    await using chaos = await startChaosHttp('--era', era);
    const faults = ['hang', 'not-json', 'huge', 'endless-event'];
    // Megabytes take their time: only what hangs has a deadline to wait for.
    const specs = faults.map((fault) =>
      httpSpec(fault, `${chaos.url}/${fault}?on=tools/call`, fault === 'hang' ? 1_000 : 30_000),
    );
    await withRig({ specs }, async ({ call }) => {
      const outcomes = await Promise.all(faults.map((fault) => call(fault, 'ok')));
      expect(outcomes.map(({ error }) => error?.code)).toEqual([-32_011, -32_012, -32_018, -32_018]);
      expect(outcomes.map(({ error }) => error?.data.mayHaveRun)).toEqual([true, true, true, true]);
      expect(await chaos.received('tools/call')).toBe(faults.length);
    });
  });
});
