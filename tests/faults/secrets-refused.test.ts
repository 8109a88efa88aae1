import { describe, expect, it } from 'vitest';
import { startClouds } from './support/clouds.ts';
import type { Backend, Clouds } from './support/clouds.ts';
import { httpServer, NOWHERE, sha256, stdioServer, withSecrets } from './support/secrets-rig.ts';
import type { SecretsRig } from './support/secrets-rig.ts';

/** One host minute in six seconds; a read still has six, with its repetitions three. */
const HASTE = 10;
const secrets = { timeout: '60s' };

/** What is wrong with one secret, and what the host is to say of it. */
interface Refusal {
  readonly name: string;
  readonly code: string;
  readonly says: string | RegExp;
  readonly arrange: (clouds: Clouds, name: string) => void;
}

/** Every one of them has a value that must not be seen. */
const refusals: Readonly<Record<'gcp' | 'aws', readonly Refusal[]>> = {
  gcp: [
    {
      name: 'denied',
      code: 'SECRET_ACCESS_DENIED',
      says: 'grant roles/secretmanager.secretAccessor on projects/test-project/secrets/denied',
      arrange: ({ gcp }, name) => gcp.fail(name, 'denied'),
    },
    {
      name: 'api-disabled',
      code: 'SECRET_ACCESS_DENIED',
      says: 'enable the API secretmanager.googleapis.com in project test-project',
      arrange: ({ gcp }, name) => gcp.fail(name, 'api-disabled'),
    },
    { name: 'not-found', code: 'SECRET_NOT_FOUND', says: 'does not exist', arrange: () => undefined },
    {
      name: 'disabled',
      code: 'SECRET_DISABLED',
      says: 'exists but is disabled',
      arrange: ({ gcp }, name) => gcp.disable(name, 1),
    },
    {
      name: 'destroyed',
      code: 'SECRET_DISABLED',
      says: 'exists but is destroyed',
      arrange: ({ gcp }, name) => gcp.destroy(name, 1),
    },
  ],
  aws: [
    {
      name: 'denied',
      code: 'SECRET_ACCESS_DENIED',
      says: 'allow secretsmanager:GetSecretValue on denied',
      arrange: ({ aws }, name) => aws.deny(name),
    },
    {
      name: 'key-denied',
      code: 'SECRET_ACCESS_DENIED',
      says: 'allow kms:Decrypt',
      arrange: ({ aws }, name) => aws.fail(name, { kind: 'key-denied' }),
    },
    { name: 'not-found', code: 'SECRET_NOT_FOUND', says: 'does not exist', arrange: () => undefined },
    {
      name: 'deleted',
      code: 'SECRET_DISABLED',
      says: 'exists but is scheduled for deletion',
      arrange: ({ aws }, name) => aws.scheduleDeletion(name),
    },
  ],
};

describe.each(['gcp', 'aws'] as const)('F18 %s refuses', (backend) => {
  it('each reason has its code, the message has the reference; nothing is asked again and again', async () => {
    await using clouds = await startClouds();
    const present = await clouds.set(backend, 'present', clouds.canary());
    const refused = await Promise.all(refusals[backend].map((refusal) => arrange(clouds, backend, refusal)));
    // Two servers for each: they share what is known.
    const pairs = refused.flatMap(({ name, reference }) =>
      ['first', 'second'].map((each) => {
        const server = `${each}-${name}`;
        return [server, httpServer(NOWHERE, server, { authorization: { secret: reference } })] as const;
      }),
    );
    const servers = { ...Object.fromEntries(pairs), working: stdioServer({ TOKEN: { secret: present } }) };
    const begun = performance.now();
    await withSecrets({ clouds, servers, secrets, haste: HASTE, steady: false }, async (rig) => {
      for (const one of refused) await expectRefusal(rig, one);
      await expect.poll(() => rig.pauses('first-denied').length, { timeout: 20_000 }).toBeGreaterThanOrEqual(5);
      const hostSeconds = ((performance.now() - begun) * HASTE) / 1_000;
      const reads = refused.map(({ reference }) => clouds.reads(reference));
      // What is refused is remembered for ten seconds; no single read is repeated.
      expect(Math.max(...reads)).toBeLessThanOrEqual(Math.ceil(hostSeconds / 10) + 1);
      expect((await rig.callModern('working', 'ok')).text).toBe('ok');
    });
  });

  it('what is granted is used, without a word to the host', async () => {
    await using clouds = await startClouds();
    const token = clouds.canary();
    const secret = await clouds.set(backend, 'late', token);
    if (backend === 'gcp') clouds.gcp.fail('late', 'denied');
    else clouds.aws.deny('late');
    const servers = { late: stdioServer({ TOKEN: { secret } }) };
    await withSecrets({ clouds, servers, secrets, haste: HASTE, steady: false }, async ({ digestIn, until }) => {
      await until('late', 'blocked');
      if (backend === 'gcp') clouds.gcp.heal('late');
      else clouds.aws.fail('late', undefined);
      await until('late', 'up');
      expect(await digestIn('late')).toBe(sha256(token));
    });
  });
});

interface Refused extends Refusal {
  readonly reference: string;
}

async function arrange(clouds: Clouds, backend: Backend, refusal: Refusal): Promise<Refused> {
  const { name } = refusal;
  const isThere = refusal.code !== 'SECRET_NOT_FOUND';
  const reference = isThere ? await clouds.set(backend, name, clouds.canary()) : `${backend}://${name}`;
  refusal.arrange(clouds, name);
  return { ...refusal, reference };
}

async function expectRefusal({ callModern, metrics, until }: SecretsRig, { name, reference, code, says }: Refused) {
  const state = await until(`first-${name}`, 'blocked');
  expect(state).toMatchObject({ problemCode: code });
  const { problem } = state;
  expect(problem).toContain(reference);
  expect(problem).toMatch(says);
  const { error } = await callModern(`first-${name}`, 'ok');
  expect({ name, error }).toMatchObject({ name, error: { code: -32_017, data: { code, mayHaveRun: false } } });
  expect(JSON.stringify(error)).not.toContain(reference);
  expect(await metrics()).toContain(`hostler_secret_failing{secret="${reference}"} 1`);
}
