import { testSecretProvider } from '@hostler/secrets/testing';
import { aws } from '@hostler/secrets-aws';
import { startAwsSecretsManager } from '@hostler/test-kit';
import { afterAll, beforeAll, vi } from 'vitest';

const backend = await startAwsSecretsManager();
backend.set('app/token', '{"token":"aws-value-7d20c4"}');
const message = 'reply-text-91c3';
const failures = {
  'app/nothing': 'ResourceNotFoundException',
  'app/private': 'AccessDeniedException',
  'app/deleted': 'InvalidRequestException',
  'app/broken': 'InternalServiceError',
};
for (const [secret, name] of Object.entries(failures)) backend.fail(secret, { kind: 'error', name, message });
backend.fail('app/hanging', { kind: 'hanging' });

beforeAll(() => {
  for (const [name, value] of Object.entries(backend.environment)) vi.stubEnv(name, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await backend.stop();
});

testSecretProvider('aws', {
  create: async () => aws.create({}),
  present: { reference: 'aws://app/token#token', value: 'aws-value-7d20c4' },
  missing: 'aws://app/nothing',
  denied: 'aws://app/private',
  disabled: 'aws://app/deleted',
  malformed: 'aws://app/token?version=latest',
  unavailable: 'aws://app/broken',
  hanging: 'aws://app/hanging',
  replyText: message,
});
