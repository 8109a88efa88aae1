import { expect, it } from 'vitest';
import { startChaosHttp } from './support/chaos-http.ts';
import { startClouds } from './support/clouds.ts';
import { headersSeen, httpServer, sha256, stdioServer, withSecrets } from './support/secrets-rig.ts';

/** One host minute in six seconds. */
const HASTE = 10;
/** Looked at every two seconds of the host; good for two minutes without the backend. */
const secrets = { refresh: '2s', maxStale: '120s', timeout: '50s' };

const PATIENT = { timeout: 30_000, interval: 25 };

it('F20 an outage after boot: what runs goes on, the last values serve for their time, then new starts fail closed', async () => {
  await using clouds = await startClouds();
  await using chaos = await startChaosHttp();
  const [google, amazon] = [clouds.canary(), clouds.canary()];
  const one = await clouds.set('gcp', 'one', google);
  const two = await clouds.set('aws', 'two', amazon);
  const servers = {
    google: { ...stdioServer({ TOKEN: { secret: one } }), required: true },
    amazon: { ...stdioServer({ TOKEN: { secret: two } }), required: true },
    untouched: stdioServer({ TOKEN: { secret: one }, OTHER: { secret: two } }),
    remote: httpServer(chaos, 'remote', { authorization: { secret: two } }),
  };
  await withSecrets({ clouds, servers, secrets, haste: HASTE, steady: false }, async (rig) => {
    const { callModern, digestIn, health, metrics, served, until } = rig;
    const restarts = (name: string): number | undefined =>
      served.runtime.readiness().servers.find((state) => state.name === name)?.restarts;
    const pid = async (): Promise<unknown> => (await callModern('untouched', 'stats')).structured?.['pid'];
    const pidBefore = await pid();

    await clouds.stop();
    await expect.poll(async () => (await health()).stale.length, PATIENT).toBe(2);
    expect(new Set((await health()).failing)).toEqual(new Set([one, two]));
    expect(await metrics()).toEqual(
      expect.arrayContaining([`hostler_secret_stale{secret="${one}"} 1`, `hostler_secret_stale{secret="${two}"} 1`]),
    );
    expect((await callModern('google', 'crash')).error?.code).toBe(-32_010);
    await until('google', 'up');
    expect(await digestIn('google')).toBe(sha256(google));

    // After their time nothing is stale any more: there is no value.
    await expect.poll(async () => (await health()).stale, PATIENT).toEqual([]);
    expect(new Set((await health()).failing)).toEqual(new Set([one, two]));
    for (const name of ['google', 'amazon']) {
      expect((await callModern(name, 'crash')).error?.code).toBe(-32_010);
      expect((await until(name, 'blocked')).problemCode).toBe('SECRET_UNAVAILABLE');
      expect((await callModern(name, 'ok')).error).toMatchObject({ code: -32_017, data: { mayHaveRun: false } });
    }
    expect((await callModern('untouched', 'ok')).text).toBe('ok');
    expect((await callModern('remote', 'ok')).error).toBeUndefined();
    expect(await pid()).toBe(pidBefore);
    expect([restarts('untouched'), restarts('remote'), restarts('control')]).toEqual([0, 0, 0]);

    await clouds.start();
    await Promise.all([until('google', 'up'), until('amazon', 'up')]);
    expect(await digestIn('google')).toBe(sha256(google));
    expect(await digestIn('amazon')).toBe(sha256(amazon));
    await expect.poll(health, PATIENT).toEqual({ stale: [], failing: [], rotations: [] });
    expect(await metrics()).toContain(`hostler_secret_stale{secret="${one}"} 0`);
    expect(await headersSeen(chaos, 'remote')).toEqual([amazon]);
    expect(await pid()).toBe(pidBefore);
    expect([restarts('untouched'), restarts('remote'), restarts('control')]).toEqual([0, 0, 0]);
  });
});

it.each(['gcp', 'aws'] as const)(
  'F20 %s takes access away: what runs goes on, new starts fail closed',
  async (backend) => {
    await using clouds = await startClouds();
    const token = clouds.canary();
    const secret = await clouds.set(backend, 'token', token);
    const servers = {
      running: stdioServer({ TOKEN: { secret } }),
      crashing: stdioServer({ TOKEN: { secret } }),
    };
    // No outage, so that the last value is not good for its time.
    const patient = { ...secrets, maxStale: '10m' };
    await withSecrets({ clouds, servers, secrets: patient, haste: HASTE, steady: false }, async (rig) => {
      const { callModern, digestIn, health, metrics, until } = rig;
      await Promise.all([until('running', 'up'), until('crashing', 'up')]);
      if (backend === 'gcp') clouds.gcp.fail('token', 'denied');
      else clouds.aws.deny('token');
      await expect.poll(health, PATIENT).toEqual({ stale: [], failing: [secret], rotations: [] });
      expect(await metrics()).toContain(`hostler_secret_failing{secret="${secret}"} 1`);
      await expect
        .poll(async () => (await callModern('crashing', 'crash')).error?.data.code, { timeout: 20_000, interval: 250 })
        .toBe('SECRET_ACCESS_DENIED');
      expect(await digestIn('running')).toBe(sha256(token));
      expect((await until('running', 'up')).restarts).toBe(0);
      if (backend === 'gcp') clouds.gcp.heal('token');
      else clouds.aws.fail('token', undefined);
      await until('crashing', 'up');
      expect(await digestIn('crashing')).toBe(sha256(token));
      await expect.poll(health, PATIENT).toEqual({ stale: [], failing: [], rotations: [] });
      expect((await until('running', 'up')).restarts).toBe(0);
    });
  },
);
