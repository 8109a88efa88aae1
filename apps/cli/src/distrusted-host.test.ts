import { expect, it } from 'vitest';
import { distrustOf } from './distrusted-host.ts';

it('tells a certificate that is not believed from a host that is not there', () => {
  const failed = (code: string, message: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });
  expect(distrustOf(failed('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'))).toBe(
    'self-signed certificate in certificate chain',
  );
  expect(distrustOf(failed('ECONNREFUSED', 'refused'))).toBeUndefined();
  expect(distrustOf(new TypeError('fetch failed'))).toBeUndefined();
  expect(distrustOf(undefined)).toBeUndefined();
});
