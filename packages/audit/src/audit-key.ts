import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign, verify } from 'node:crypto';
import { auditErrors } from './errors.ts';
import { createKeyedDigest } from './keyed-digest.ts';

/** Makes digests nobody else can make, and signs. */
export interface AuditKey {
  /** HMAC-SHA256 in hexadecimal: equal for equal texts, and no help in guessing them. */
  digest(text: string): string;
  /** Ed25519, in base64url. */
  sign(text: string): string;
  /** With it everybody can check what was signed: 32 bytes in base64url. */
  readonly publicKey: string;
}

export const LEAST_KEY_BYTES = 32;

/** An Ed25519 private key in PKCS #8, up to its 32 bytes. Source: RFC 8410, 7. */
const PRIVATE_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
/** The same of a public key in SPKI. Source: RFC 8410, 4. */
const PUBLIC_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** Two keys of different use out of one secret (RFC 5869). @throws AUDIT_KEY */
export function createAuditKey(secret: Uint8Array): AuditKey {
  if (secret.length < LEAST_KEY_BYTES) {
    throw auditErrors.KEY({ details: { problem: `it has fewer than ${LEAST_KEY_BYTES} bytes.` } });
  }
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `hostler audit ${use}`, 32));
  const privateKey = createPrivateKey({
    key: Buffer.concat([PRIVATE_HEAD, derive('signature')]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    digest: createKeyedDigest(derive('digest')),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
    publicKey: spki.subarray(PUBLIC_HEAD.length).toString('base64url'),
  };
}

/** Whether the owner of the public key has signed the text. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  const raw = Buffer.from(publicKey, 'base64url');
  if (raw.length !== 32) return false;
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_HEAD, raw]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
}

/** What a person compares. */
export function fingerprintOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 32);
}
