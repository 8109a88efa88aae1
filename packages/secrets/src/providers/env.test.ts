import { expect, it } from 'vitest';
import { parseSecretRef } from '../secret-ref.ts';
import { testSecretProvider } from '../testing.ts';
import { createEnvProvider } from './env.ts';

const environment = { API_TOKEN: 'env-value-91c2', EMPTY: '', UNSET: undefined };

testSecretProvider('env', {
  create: () => createEnvProvider(environment),
  present: { reference: 'env://API_TOKEN', value: 'env-value-91c2' },
  missing: 'env://NO_SUCH_NAME',
  malformed: 'env://A-B',
});

const read = async (reference: string) =>
  createEnvProvider(environment).read(parseSecretRef(reference), { signal: new AbortController().signal, fetch });

it.each(['EMPTY', 'UNSET', '__proto__', 'toString'])('env://%s counts as missing', async (name) => {
  await expect(read(`env://${name}`)).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
});

it.each(['A B', 'A=B', '/A', '1A', 'A-B'])('env://%s is refused as no name of a variable', (name) => {
  const problem = createEnvProvider(environment).problemOf?.(parseSecretRef(`env://${name}`));
  expect(problem).toContain('for example env://API_TOKEN');
});
