import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
/** NIST SP 800-38D: 96 random bits are safe for 2^32 uses of a key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts a text for one place: base64 of nonce, ciphertext and tag. It opens only with the same key and place. */
export function seal(key: Uint8Array, place: readonly string[], text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(place));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString('base64');
}

/** Absent when the key or the place is another one, or a single bit was changed. */
export function unseal(key: Uint8Array, place: readonly string[], sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64');
  // Several texts of base64 have the same bytes: only the one that was written counts.
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64') !== sealed) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** JSON, so that no two places have the same bytes whatever characters are in them. */
function associatedData(place: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(place));
}
