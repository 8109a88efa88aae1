import { randomUUID } from 'node:crypto';
import { testSecretProvider } from '@hostler/secrets/testing';
import { afterAll } from 'vitest';
import { startFakeVault } from './fake-vault.js';
import { vault } from './index.js';

const token = randomUUID();
const password = randomUUID();
const fake = await startFakeVault({ token, secrets: { warehouse: { password } } });
afterAll(() => fake.close());

testSecretProvider('vault', {
  create: () => vault.create({ address: fake.address, token }),
  fetch,
  present: { reference: 'vault://warehouse#password', value: password },
  missing: 'vault://nothing',
  denied: 'vault://denied',
  unavailable: 'vault://sealed',
  hanging: 'vault://hanging',
});
