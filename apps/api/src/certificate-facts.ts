import type { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '@hostler/auth';

/** What of a certificate says whose it is. */
export function certificateFacts({ subjectAltName, fingerprint256, validToDate }: X509Certificate): CertificateFacts {
  return {
    subjectAltNames: subjectAltNames(subjectAltName ?? ''),
    fingerprint: `sha256:${fingerprint256.replaceAll(':', '').toLowerCase()}`,
    expiresAt: validToDate.getTime(),
  };
}

/** As Node writes them down: `URI:a, DNS:"b, c"`. Whatever might be taken for a mark is in a string of JSON. */
const NAME = /([A-Za-z][A-Za-z ]*):(?:("(?:[^"\\]|\\.)*")|([^",]*))(?:, |$)/gy;

/** Names of the kinds that may stand in the configuration. None where the text is not what it should be. */
function subjectAltNames(text: string): readonly string[] {
  const names: string[] = [];
  let end = 0;
  for (const [all, kind = '', quoted, plain = ''] of text.matchAll(NAME)) {
    end += all.length;
    const name = quoted === undefined ? plain : (JSON.parse(quoted) as string);
    if (kind === 'URI' || kind === 'email') names.push(`${kind}:${name}`);
    // Upper and lower case are the same there (RFC 4343).
    else if (kind === 'DNS') names.push(`DNS:${name.toLowerCase()}`);
  }
  return end === text.length ? names : [];
}
