import type { CheckedConsumer } from '../schema/config-file.ts';

const DIGITS = 'sha256:';

/**
 * What a certificate is compared with, in the one form that it has: `URI:…`, `DNS:…` in lower case, `email:…`, or `sha256:`
 * and lower-case digits. Undefined where nothing was written.
 */
export function toCertificateMatch({ san, fingerprint }: CheckedConsumer['certificates'][number]): string | undefined {
  if (fingerprint !== undefined) return DIGITS + fingerprint.slice(DIGITS.length).replaceAll(':', '').toLowerCase();
  return san?.startsWith('DNS:') ? `DNS:${san.slice('DNS:'.length).toLowerCase()}` : san;
}
