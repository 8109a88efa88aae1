import { startFaultProxy } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { startChaosHttp } from './support/chaos-http.ts';
import { startClouds } from './support/clouds.ts';
import { headersSeen, httpServer, NOWHERE, sha256, stdioServer, withSecrets } from './support/secrets-rig.ts';

const KINDS = [
  ['gcp over gRPC', 'gcp', 'grpc'],
  ['gcp over REST', 'gcp', 'rest'],
  ['aws', 'aws', 'grpc'],
] as const;

const PATIENT = { timeout: 20_000, interval: 50 };

describe.each(KINDS)('a backend of secrets: %s', (_name, scheme, transport) => {
  it('F17 it is down at boot: required blocks, optional is left out, and both come by themselves', async () => {
    await using clouds = await startClouds({ transport });
    await using remote = await startChaosHttp();
    const [token, other] = [clouds.canary(), clouds.canary()];
    const needed = await clouds.set(scheme, 'needed', token);
    const wanted = await clouds.set(scheme, 'wanted', other);
    await clouds.stop();
    const servers = {
      needing: { ...stdioServer({ TOKEN: { secret: needed } }), required: true },
      remote: httpServer(remote, 'remote', { authorization: { secret: needed, format: 'Bearer {}' } }),
      wanting: stdioServer({ TOKEN: { secret: wanted, optional: true } }),
    };
    await withSecrets({ clouds, servers, secrets: { refresh: '1s' }, steady: false }, async (rig) => {
      const { callModern, digestIn, metrics, pauses, served, until } = rig;
      await until('needing', 'blocked');
      const { error, own } = await callModern('needing', 'ok');
      expect(error).toMatchObject({ code: -32_017, data: { code: 'SECRET_UNAVAILABLE', mayHaveRun: false } });
      expect(own).toBeLessThan(2_500);
      expect((await callModern('remote', 'ok')).error?.code).toBe(-32_017);
      const missing = [{ place: 'env.TOKEN', reference: wanted, code: 'SECRET_UNAVAILABLE' }];
      expect(await until('wanting', 'up')).toMatchObject({ missing });
      expect(await digestIn('wanting')).toBeUndefined();
      expect(await metrics()).toEqual(
        expect.arrayContaining([
          'hostler_server_missing_secrets{server="wanting"} 1',
          'hostler_server_up{server="needing"} 0',
        ]),
      );
      for (const server of ['needing', 'remote'])
        await expect.poll(() => pauses(server).length, PATIENT).toBeGreaterThanOrEqual(2);
      // A single pause may be the same by chance, to the millisecond; a whole sequence is not.
      expect(pauses('needing').slice(0, 2)).not.toEqual(pauses('remote').slice(0, 2));
      for (const [index, pause] of pauses('needing').entries()) {
        expect(pause).toBeGreaterThanOrEqual(500 * 2 ** index);
        expect(pause).toBeLessThanOrEqual(1_000 * 2 ** index);
      }

      await clouds.start();
      await Promise.all([until('needing', 'up'), until('remote', 'up')]);
      expect(await digestIn('needing')).toBe(sha256(token));
      expect((await callModern('remote', 'ok')).error).toBeUndefined();
      expect(await headersSeen(remote, 'remote')).toEqual([`Bearer ${token}`]);
      await expect.poll(() => digestIn('wanting'), PATIENT).toBe(sha256(other));
      expect((await until('wanting', 'up')).missing).toBeUndefined();
      const { servers: states } = served.runtime.readiness();
      expect(states.find(({ name }) => name === 'control')?.restarts).toBe(0);
      // As before the host began: what it holds open is compared.
      await clouds.stop();
    });
  });

  it('F19 it hangs: a bounded start, one read for many servers, the others are ready', async () => {
    await using clouds = await startClouds({ transport });
    const token = clouds.canary();
    const hanging = await clouds.set(scheme, 'hanging', clouds.canary());
    const present = await clouds.set(scheme, 'present', token);
    if (scheme === 'gcp') clouds.gcp.fail('hanging', 'hanging');
    else clouds.aws.fail('hanging', { kind: 'hanging' });
    const names = Array.from({ length: 10 }, (_, index) => `waiting-${index}`);
    const waiting = names.map(
      (name) => [name, httpServer(NOWHERE, name, { authorization: { secret: hanging } })] as const,
    );
    const servers = { ...Object.fromEntries(waiting), working: stdioServer({ TOKEN: { secret: present } }) };
    const begun = performance.now();
    await withSecrets({ clouds, servers, secrets: { timeout: '300ms' }, early: true, steady: false }, async (rig) => {
      const { callModern, digestIn, pauses, served, until } = rig;
      await until('working', 'up');
      expect(await digestIn('working')).toBe(sha256(token));
      await Promise.all(names.map((name) => until(name, 'blocked')));
      await expect.poll(() => served.runtime.readiness().phase, PATIENT).toBe('running');
      // Three tries of 300 ms each with 0.6 s at most between them, and the start of the processes.
      expect(performance.now() - begun).toBeLessThan(8_000);
      // Three for all of them together, whenever they try again: so often they have failed, and now may be at it once more.
      const rounds = 1 + Math.max(...names.map((name) => pauses(name).length));
      expect(clouds.reads(hanging)).toBeLessThanOrEqual(3 * rounds);
      const { error } = await callModern('waiting-0', 'ok');
      expect(error).toMatchObject({ code: -32_017, data: { code: 'SECRET_UNAVAILABLE' } });
      const { problem } = await until('waiting-0', 'blocked');
      expect(problem).toContain(`${hanging} cannot be read`);
      expect(problem).toContain('did not answer in time');
    });
  });
});

it.each(['grpc', 'rest'] as const)(
  'F19 the network swallows all (gcp over %s, aws): as a backend that hangs',
  async (transport) => {
    await using clouds = await startClouds({ transport });
    await using toGoogle = await startFaultProxy(`http://${clouds.gcp[transport]}`);
    await using toAmazon = await startFaultProxy(clouds.aws.url);
    const proxies = [toGoogle, toAmazon];
    await Promise.all(proxies.map((proxy) => proxy.set({ kind: 'blackhole' })));
    const [google, amazon] = [clouds.canary(), clouds.canary()];
    const servers = {
      google: stdioServer({ TOKEN: { secret: await clouds.set('gcp', 'google', google) } }),
      amazon: stdioServer({ TOKEN: { secret: await clouds.set('aws', 'amazon', amazon) } }),
    };
    const [gcp, aws] = [new URL(toGoogle.url).host, new URL(toAmazon.url).host];
    const secrets = { timeout: '300ms', refresh: '1s', providers: clouds.providersThrough({ gcp, aws }) };
    await withSecrets({ clouds, servers, secrets, steady: false }, async ({ callModern, digestIn, health, until }) => {
      for (const name of ['google', 'amazon']) {
        expect((await until(name, 'blocked')).problem).toContain('did not answer in time');
        expect((await callModern(name, 'ok')).error?.data.code).toBe('SECRET_UNAVAILABLE');
      }
      await Promise.all(proxies.map((proxy) => proxy.set({ kind: 'none' })));
      await Promise.all([until('google', 'up'), until('amazon', 'up')]);
      expect(await digestIn('google')).toBe(sha256(google));
      expect(await digestIn('amazon')).toBe(sha256(amazon));

      // The same to connections that worked.
      await Promise.all(proxies.map((proxy) => proxy.set({ kind: 'blackhole' })));
      await expect.poll(async () => (await health()).stale.length, PATIENT).toBe(2);
      await Promise.all(proxies.map((proxy) => proxy.set({ kind: 'none' })));
      const next = clouds.canary();
      await Promise.all([clouds.set('gcp', 'google', next), clouds.set('aws', 'amazon', next)]);
      await expect.poll(() => digestIn('google'), PATIENT).toBe(sha256(next));
      await expect.poll(() => digestIn('amazon'), PATIENT).toBe(sha256(next));
      // What the proxies still hold open is theirs.
      await Promise.all(proxies.map((proxy) => proxy.set({ kind: 'refuse' })));
      await Promise.all(proxies.map((proxy) => proxy.set({ kind: 'none' })));
    });
  },
);

it('F19 many secrets hang: no server is blamed for the time that they take, and optional ones are left out', async () => {
  await using clouds = await startClouds();
  const names = Array.from({ length: 30 }, (_, index) => `hanging-${index}`);
  const entries = names.map(async (name, index): Promise<readonly [string, object]> => {
    const secret = await clouds.set('gcp', name, clouds.canary());
    clouds.gcp.fail(name, 'hanging');
    const server =
      index === 29
        ? stdioServer({ TOKEN: { secret, optional: true } })
        : httpServer(NOWHERE, name, { authorization: { secret } });
    // Less than a read of all takes: 90 tries of 400 ms, eight at a time.
    return [name, { ...server, startTimeout: '4s' }];
  });
  const servers = Object.fromEntries(await Promise.all(entries));
  await withSecrets({ clouds, servers, secrets: { timeout: '400ms' }, steady: false }, async ({ served }) => {
    const states = served.runtime.readiness().servers;
    const missing = [{ place: 'env.TOKEN', reference: 'gcp://hanging-29', code: 'SECRET_UNAVAILABLE' }];
    expect(states.find(({ name }) => name === 'hanging-29')).toMatchObject({ status: 'up', missing });
    const others = states.filter(({ name }) => name.startsWith('hanging-') && name !== 'hanging-29');
    expect(new Set(others.map(({ problemCode }) => problemCode))).toEqual(new Set(['SECRET_UNAVAILABLE']));
    expect(clouds.gcp.mostRunning()).toBeLessThanOrEqual(8);
  });
});
