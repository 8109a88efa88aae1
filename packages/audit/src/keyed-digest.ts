import { createHmac, createSecretKey, hash } from 'node:crypto';

/** Bytes of a block of SHA-256. */
const BLOCK = 64;
/** Characters of a text that has room beside the block; UTF-8 takes three bytes for one at most. */
const MAX_SHORT = 5_000;
const BYTES_OF_CHARACTER = 3;
const INNER = 0x36;
const OUTER = 0x5c;

/**
 * HMAC-SHA256 of texts in UTF-8, in hexadecimal. Short ones by two hashes of blocks that are prepared once (RFC 2104, 2): an
 * `Hmac` of Node for each costs 1.5 µs, this 0.9.
 * @param key of at most one block
 */
export function createKeyedDigest(key: Buffer): (text: string) => string {
  const keyObject = createSecretKey(key);
  const inner = blockOf(key, INNER, MAX_SHORT * BYTES_OF_CHARACTER);
  const outer = blockOf(key, OUTER, 32);
  return (text) => {
    if (text.length > MAX_SHORT) return createHmac('sha256', keyObject).update(text).digest('hex');
    const end = BLOCK + inner.write(text, BLOCK);
    // As a text: making a buffer of it costs 0.4 µs each time.
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK, 'binary');
    return hash('sha256', outer);
  };
}

/** The key against which a pad is set, and room behind it. */
function blockOf(key: Buffer, pad: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK + room);
  for (let index = 0; index < BLOCK; index += 1) block[index] = (key[index] ?? 0) ^ pad;
  return block;
}
