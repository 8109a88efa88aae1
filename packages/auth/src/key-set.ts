import { isJsonObject } from '@hostler/kernel';
import type { JWTVerifyGetKey } from 'jose';

/** Each may have to be tried for a token that names none. */
const MAX_KEYS = 32;

/** What a public key is made of. A set that shows private parts has leaked, but what its issuer signed is still its own. */
const PUBLIC_PARTS = ['kty', 'kid', 'use', 'key_ops', 'alg', 'n', 'e', 'crv', 'x', 'y', 'pub'] as const;

/** The public keys of a document; keys with a shared secret are none. @throws Error */
export async function toKeySet(document: unknown): Promise<JWTVerifyGetKey> {
  const keys = isJsonObject(document) && Array.isArray(document.keys) ? (document.keys as readonly unknown[]) : [];
  const usable = keys.filter(isJsonObject).filter(({ kty }) => kty !== 'oct');
  if (usable.length === 0) throw new Error('holds no public key');
  if (usable.length > MAX_KEYS) throw new Error(`holds more than ${MAX_KEYS} keys`);
  const { createLocalJWKSet } = await import('jose');
  return createLocalJWKSet({ keys: usable.map(publicParts) as never });
}

function publicParts(key: object): object {
  const entries = Object.entries(key) as readonly (readonly [string, unknown])[];
  return Object.fromEntries(entries.filter(([name]) => (PUBLIC_PARTS as readonly string[]).includes(name)));
}
