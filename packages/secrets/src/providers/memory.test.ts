import { expect, it } from 'vitest';
import { parseSecretRef } from '../secret-ref.ts';
import { testSecretProvider } from '../testing.ts';
import { createMemoryProvider } from './memory.ts';

testSecretProvider('memory', {
  create: () => {
    const provider = createMemoryProvider({
      token: { value: 'memory-value-5d1e', version: '7', expiresAt: new Date(9e12) },
    });
    provider.fail('denied', 'ACCESS_DENIED');
    provider.fail('disabled', 'DISABLED');
    provider.fail('down', 'UNAVAILABLE');
    return provider;
  },
  present: { reference: 'memory://token', value: 'memory-value-5d1e' },
  missing: 'memory://nothing',
  denied: 'memory://denied',
  disabled: 'memory://disabled',
  unavailable: 'memory://down',
});

it('fails until a value is set', async () => {
  const provider = createMemoryProvider({ a: 'first-value' }, 'other');
  const read = async () => provider.read(parseSecretRef('other://a'), { signal: new AbortController().signal, fetch });
  provider.fail('a', 'UNAVAILABLE');
  await expect(read()).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
  provider.set('a', 'second-value');
  expect(await read()).toEqual({ value: 'second-value' });
});
