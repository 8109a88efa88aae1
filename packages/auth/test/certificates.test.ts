import { expect, it } from 'vitest';
import type { Consumer } from '@hostler/kernel';
import type { CertificateFacts } from '../src/index.ts';
import { consumer, createWorld, signal } from './table.ts';

const FINGERPRINT = `sha256:${'ab'.repeat(32)}`;
const wall = 1_800_000_000_000;

function facts(...subjectAltNames: string[]): CertificateFacts {
  return { subjectAltNames, fingerprint: `sha256:${'00'.repeat(32)}`, expiresAt: wall + 1_000 };
}

const world = () =>
  createWorld([
    consumer('first', { certificates: ['URI:spiffe://corp/agent', 'DNS:a.corp'] }),
    consumer('second', { certificates: ['email:bot@corp', FINGERPRINT] }),
  ]);

it('knows a consumer by a name or the fingerprint of its certificate', async () => {
  const { ask } = world();
  const found = (await ask({ certificate: facts('DNS:x', 'URI:spiffe://corp/agent') })) as Consumer;
  expect(found.name).toBe('first');
  expect(found.identity).toMatchObject({
    method: 'certificate',
    subject: 'URI:spiffe://corp/agent',
    credential: 'sha256:000000000000',
    expiresAt: wall + 1_000,
  });
  expect(await ask({ certificate: facts('email:bot@corp') })).toMatchObject({ name: 'second' });
  expect(await ask({ certificate: { ...facts(), fingerprint: FINGERPRINT } })).toMatchObject({ name: 'second' });
  // Of two, the first of the configuration.
  expect(await ask({ certificate: facts('email:bot@corp', 'DNS:a.corp') })).toMatchObject({ name: 'first' });
});

it.each([
  ['nobody', ['DNS:x']],
  ['no name', []],
  ['a part of a name', ['URI:spiffe://corp/agen']],
  ['more than a name', ['URI:spiffe://corp/agent/']],
  ['another kind', ['DNS:spiffe://corp/agent', 'URI:a.corp']],
])('takes the certificate of %s for none', async (_, names) => {
  expect(await world().ask({ certificate: facts(...names) })).toBe('AUTH_MISSING');
});

it('refuses a certificate that has ended, and ends what it has opened', async () => {
  const { ask, table, wall: time } = world();
  const certificate = facts('DNS:a.corp');
  const found = (await ask({ certificate })) as Consumer;
  expect(table.isGood(found)).toBe(true);
  time.now += 1_000;
  expect(table.isGood(found)).toBe(false);
  expect(await ask({ certificate })).toBe('AUTH_EXPIRED');
});

it('asks the configuration anew whose a certificate is', async () => {
  const found = (await world().ask({ certificate: facts('DNS:a.corp') })) as Consumer;
  const goodWhere = (...consumers: Parameters<typeof createWorld>[0]): boolean =>
    createWorld(consumers).table.isGood(found);
  expect(goodWhere(consumer('first', { certificates: ['DNS:a.corp'] }))).toBe(true);
  expect(goodWhere(consumer('first', { certificates: ['DNS:b.corp'] }))).toBe(false);
  expect(goodWhere(consumer('first'), consumer('second', { certificates: ['DNS:a.corp'] }))).toBe(false);
});

it('does not look at a certificate where something else was sent', async () => {
  const { ask, table } = world();
  const certificate = facts('DNS:a.corp');
  expect(await ask({ certificate, authorization: 'Bearer wrong' })).toBe('AUTH_INVALID');
  expect(await ask({ certificate, apiKey: 'wrong' })).toBe('AUTH_INVALID');
  const made = { name: 'first', identity: { method: 'certificate', subject: 'DNS:a.corp' } };
  expect(table.isGood(made)).toBe(false);
  expect(() => table.identify({}, signal)).toThrow(expect.objectContaining({ code: 'AUTH_MISSING' }));
});
