import type { AwsFault, GcpFault } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { startClouds } from './support/clouds.ts';
import type { Clouds } from './support/clouds.ts';
import { httpServer, NOWHERE, sha256, stdioServer, withSecrets } from './support/secrets-rig.ts';

interface Mistake {
  readonly arrange: (clouds: Clouds, name: string) => void;
  readonly says: string;
}

const ofGoogle =
  (fault: GcpFault): Mistake['arrange'] =>
  ({ gcp }, name) =>
    gcp.fail(name, fault);
const ofAmazon =
  (fault: AwsFault): Mistake['arrange'] =>
  ({ aws }, name) =>
    aws.fail(name, fault);

/** Answers that are not the value that was asked for, or not all of it. */
const mistakes = {
  gcp: {
    'wrong-checksum': { arrange: ofGoogle('wrong-checksum'), says: 'its checksum is wrong' },
    'no-checksum': { arrange: ofGoogle('no-checksum'), says: 'its checksum is missing' },
    'no-payload': { arrange: ofGoogle('no-payload'), says: 'its answer holds no value' },
    swapped: { arrange: ({ gcp }, name) => gcp.swap(name, 'other'), says: 'the answer was for another secret' },
    garbage: { arrange: ofGoogle('garbage'), says: '' },
    cut: { arrange: ofGoogle('cut'), says: '' },
    'proxy-page': { arrange: ofGoogle('proxy-page'), says: '' },
  },
  aws: {
    swapped: {
      arrange: ofAmazon({ kind: 'mistaken', name: 'other' }),
      says: 'its answer is for another secret or version',
    },
    garbage: { arrange: ofAmazon({ kind: 'garbage' }), says: '' },
    'plain-text': { arrange: ofAmazon({ kind: 'wrong-content-type' }), says: '' },
    cut: { arrange: ofAmazon({ kind: 'reset' }), says: '' },
    endless: { arrange: ofAmazon({ kind: 'huge', bytes: 10_000_000 }), says: '' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Mistake>>>>;

const cases = [
  ['gcp', 'grpc'],
  ['gcp', 'rest'],
  ['aws', 'grpc'],
] as const;

it.each(cases)('F23 %s (%s) answers with something else: it is never used', async (backend, transport) => {
  await using clouds = await startClouds({ transport });
  await clouds.set(backend, 'other', clouds.canary());
  const token = clouds.canary();
  const running = await clouds.set(backend, 'running', token);
  const all = Object.entries<Mistake>(mistakes[backend]);
  const entries: [string, object][] = [['running', stdioServer({ TOKEN: { secret: running } })]];
  for (const [name, { arrange }] of all) {
    const secret = await clouds.set(backend, name, clouds.canary());
    arrange(clouds, name);
    entries.push([name, httpServer(NOWHERE, name, { authorization: { secret } })]);
  }
  const servers = Object.fromEntries(entries);
  await withSecrets({ clouds, servers, secrets: { refresh: '1s' }, steady: false }, async (rig) => {
    const { callModern, digestIn, health, until } = rig;
    for (const [name, { says }] of all) {
      const state = await until(name, 'blocked');
      expect(state).toMatchObject({ problemCode: 'SECRET_UNAVAILABLE' });
      expect(state.problem).toContain(`Secret ${backend}://${name} cannot be read at the moment: ${says}`);
      expect((await callModern(name, 'ok')).error).toMatchObject({
        code: -32_017,
        data: { code: 'SECRET_UNAVAILABLE' },
      });
    }
    // One that runs keeps its value, and says nothing changed.
    const { swapped } = mistakes[backend];
    swapped.arrange(clouds, 'running');
    await expect.poll(async () => (await health()).stale, { timeout: 20_000, interval: 50 }).toContain(running);
    expect(await digestIn('running')).toBe(sha256(token));
    expect((await until('running', 'up')).restarts).toBe(0);
  });
});
