import { createHash } from 'node:crypto';

/** Names longer than this are refused by several model APIs. */
const MAX_LENGTH = 64;
const DIGEST_LENGTH = 8;

/**
 * The name under which a server's tool or prompt appears to clients of the whole host: `server__tool`. A pure function of
 * its two arguments: it never depends on what else is connected. A name that is too long, or has characters that tool
 * names may not have, is cut and cleaned and ends in a digest of the original. Server names contain no `__` and end in a
 * letter or digit, so the first `__` always separates the two parts.
 */
export function publicName(server: string, name: string): string {
  const plain = `${server}__${name}`;
  if (plain.length <= MAX_LENGTH && /^[A-Za-z0-9_.-]+$/.test(name)) return plain;
  const digest = createHash('sha256').update(`${server}\0${name}`).digest('hex').slice(0, DIGEST_LENGTH);
  const cleaned = plain.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, MAX_LENGTH - DIGEST_LENGTH - 1);
  return `${cleaned}_${digest}`;
}
