import { testSecretProvider } from '@hostler/secrets/testing';
import { startGcpSecretManager } from '@hostler/test-kit';
import { afterAll } from 'vitest';
import { connectTo, TRANSPORTS } from './backend.ts';

const replyText = 'said-by-the-backend';
const backend = await startGcpSecretManager({ replyText });
afterAll(() => backend[Symbol.asyncDispose]());

const value = 'canary-5f0c1e7a9b';
backend.set('present', JSON.stringify({ database: { password: value } }));
for (const fault of ['denied', 'unavailable', 'hanging'] as const) {
  backend.set(fault, 'behind-a-fault');
  backend.fail(fault, fault);
}
backend.set('disabled', 'disabled-value');
backend.disable('disabled', 1);

for (const transport of TRANSPORTS) {
  testSecretProvider(`gcp over ${transport}`, {
    create: () => connectTo(backend, transport),
    present: { reference: 'gcp://present#database.password', value },
    missing: 'gcp://missing',
    denied: 'gcp://denied',
    disabled: 'gcp://disabled',
    malformed: 'gcp://projects/test-project/present',
    unavailable: 'gcp://unavailable',
    hanging: 'gcp://hanging',
    replyText,
  });
}
