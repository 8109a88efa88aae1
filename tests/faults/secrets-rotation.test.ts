import { describe, expect, it } from 'vitest';
import { chaosServer } from '@hostler/test-kit';
import { startChaosHttp } from './support/chaos-http.ts';
import { startClouds } from './support/clouds.ts';
import type { Outcome } from './support/outcome.ts';
import { headersSeen, httpServer, sha256, withSecrets } from './support/secrets-rig.ts';
import type { SecretsRig } from './support/secrets-rig.ts';

const PATIENT = { timeout: 20_000, interval: 50 };
const secrets = { refresh: '1s' };

/** A server that ends at once unless its token begins with `good-`. */
function choosyServer(secret: string): object {
  const { command, args } = chaosServer();
  const script = 'case "$TOKEN" in good-*) exec "$0" "$@";; *) exit 3;; esac';
  return { command: '/bin/sh', args: ['-c', script, command, ...args], cwd: process.cwd(), env: { TOKEN: { secret } } };
}

describe.each(['gcp', 'aws', 'file'] as const)(
  'F21 a new value from %s with which the server does not start',
  (backend) => {
    it('the old process stays, an alarm says so, no call fails, and the next good value heals it', async () => {
      await using clouds = await startClouds();
      const [first, bad, last] = [
        clouds.canary((canary) => `good-${canary}`),
        clouds.canary((canary) => `bad-${canary}`),
        clouds.canary((canary) => `good-${canary}`),
      ] as const;
      const secret = await clouds.set(backend, 'token', first);
      const servers = { choosy: { ...choosyServer(secret), required: true } };
      await withSecrets({ clouds, servers, secrets }, async (rig) => {
        const { callModern, digestIn, health, metrics } = rig;
        const pid = async (): Promise<unknown> => (await callModern('choosy', 'stats')).structured?.['pid'];
        const before = await pid();
        const calls = await callThroughout(rig, async () => {
          await clouds.set(backend, 'token', bad);
          await expect
            .poll(async () => (await health()).rotations, PATIENT)
            .toMatchObject([{ server: 'choosy', code: 'UPSTREAM_UNAVAILABLE' }]);
          expect(await metrics()).toEqual(
            expect.arrayContaining([
              'hostler_secret_rotation_failing{server="choosy"} 1',
              'hostler_server_up{server="choosy"} 1',
              'hostler_ready 1',
            ]),
          );
          expect(await digestIn('choosy')).toBe(sha256(first));
          expect(await pid()).toBe(before);
          await clouds.set(backend, 'token', last);
          await expect.poll(() => digestIn('choosy'), PATIENT).toBe(sha256(last));
          await expect.poll(async () => (await health()).rotations, PATIENT).toEqual([]);
        });
        expect(await metrics()).toContain('hostler_secret_rotation_failing{server="choosy"} 0');
        expect(await pid()).not.toBe(before);
        expect(calls.length).toBeGreaterThan(20);
        expect(calls.filter(({ text }) => text !== 'ok')).toEqual([]);
        expect(rig.served.log()).toContain('could not be given its changed secrets');
      });
    });
  },
);

it('F21 a new value that no header can carry: the old one is sent on, an alarm says so', async () => {
  await using clouds = await startClouds();
  await using chaos = await startChaosHttp();
  const [first, last] = [clouds.canary(), clouds.canary()];
  const secret = await clouds.set('gcp', 'token', first);
  const servers = { choosy: httpServer(chaos, 'choosy', { authorization: { secret } }) };
  await withSecrets({ clouds, servers, secrets }, async ({ callModern, health }) => {
    await clouds.set(
      'gcp',
      'token',
      clouds.canary((canary) => `${canary}\nInjected: yes`),
    );
    await expect.poll(async () => (await health()).rotations, PATIENT).toMatchObject([{ server: 'choosy' }]);
    expect((await callModern('choosy', 'ok')).error).toBeUndefined();
    expect(await headersSeen(chaos, 'choosy')).toEqual([first]);
    await clouds.set('gcp', 'token', last);
    await expect.poll(async () => (await health()).rotations, PATIENT).toEqual([]);
    expect((await callModern('choosy', 'ok')).error).toBeUndefined();
    expect(await headersSeen(chaos, 'choosy')).toEqual([first, last]);
  });
});

/** One call after the other, in a session and without, until the work is done. */
async function callThroughout(
  { call, callModern }: SecretsRig,
  work: () => Promise<void>,
): Promise<readonly Outcome[]> {
  const calls: Outcome[] = [];
  let isOver = false;
  const calling = async (): Promise<void> => {
    while (!isOver) calls.push(await call('choosy', 'ok'), await callModern('choosy', 'ok'));
  };
  const called = calling();
  try {
    await work();
  } finally {
    isOver = true;
    await called;
  }
  return calls;
}
