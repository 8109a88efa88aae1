import { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '@hostler/auth';
import type { HostPlan } from '@hostler/config';
import { certificateFacts } from './certificate-facts.ts';

type Format = NonNullable<HostPlan['auth']['certificateHeader']>['format'];

/** What a proxy says of the certificate of its client. Undefined where it says nothing, or nothing that can be read. */
export function forwardedCertificate(header: string, format: Format): CertificateFacts | undefined {
  try {
    return format === 'rfc9440' ? fromClientCert(header) : fromEnvoy(header);
  } catch {
    return undefined;
  }
}

/** A byte sequence (RFC 9440, section 2.2; RFC 9651, section 3.3.5): `:MIIB…=:`. */
const BYTES = /^[ \t]*:([A-Za-z0-9+/]+={0,2}):[ \t]*$/;

function fromClientCert(header: string): CertificateFacts | undefined {
  const encoded = BYTES.exec(header)?.[1];
  return encoded === undefined ? undefined : certificateFacts(new X509Certificate(Buffer.from(encoded, 'base64')));
}

/** One pair, and what ends it: `Hash=…;URI=spiffe://a/b,By="…"`. */
const PAIR = /(?:([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;]*)))?([,;]|$)/gy;

/** The last of the proxies is the one that is trusted: what stands before its own word may be anybody's. */
function fromEnvoy(header: string): CertificateFacts | undefined {
  let pairs: (readonly [name: string, value: string])[] = [];
  let end = 0;
  for (const [all, name, quoted, plain, mark] of header.matchAll(PAIR)) {
    end += all.length;
    if (name !== undefined) pairs.push([name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '']);
    if (mark === ',') pairs = [];
    if (mark === '') break;
  }
  if (end !== header.length) return undefined;
  const valuesOf = (name: string): readonly string[] =>
    pairs.flatMap(([each, value]) => (each === name ? [value] : []));
  const [certificate] = valuesOf('cert');
  // It says everything, and when it ends as well.
  if (certificate !== undefined) return certificateFacts(new X509Certificate(decodeURIComponent(certificate)));
  const [digits = ''] = valuesOf('hash');
  if (!/^[0-9a-f]{64}$/i.test(digits)) return undefined;
  const names = [
    ...valuesOf('uri').map((name) => `URI:${name}`),
    ...valuesOf('dns').map((name) => `DNS:${name.toLowerCase()}`),
  ];
  return { subjectAltNames: names, fingerprint: `sha256:${digits.toLowerCase()}` };
}
