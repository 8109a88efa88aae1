import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FORMAT = /^hk_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9a-f]{8}$/;

/** 62^43 is just above 2^256: all of 32 bytes fit. */
const SECRET = { bytes: 32, length: 43 } as const;
/** Tells keys apart, no more: 62^8 is a little below 2^48, and what is above is cut off. */
const ID = { bytes: 6, length: 8 } as const;

/** A key is shown once, where it is made; of it only the hash is kept. */
export interface CreatedKey {
  /** `hk_<id>_<secret>_<checksum>` */
  readonly key: string;
  /** What goes into the configuration. */
  readonly hash: string;
}

export type KeyProblem = 'format' | 'checksum';

/** The checksum tells a typing error from an unknown key without a lookup, and lets scanners find keys that leaked. */
export function createKey(): CreatedKey {
  const body = `hk_${randomText(ID)}_${randomText(SECRET)}`;
  const key = `${body}_${checksum(body)}`;
  return { key, hash: hashKey(key) };
}

/** `sha256:` and 64 hexadecimal digits of the whole text. A fast hash will do: there is nothing to guess in 256 random bits. */
export function hashKey(text: string): string {
  return `sha256:${hash('sha256', text, 'hex')}`;
}

/** Whether the text is a key as `createKey` makes them: complete, and without a typing error. */
export function checkKey(text: string): 'ok' | KeyProblem {
  if (!FORMAT.test(text)) return 'format';
  const end = text.lastIndexOf('_');
  return text.slice(end + 1) === checksum(text.slice(0, end)) ? 'ok' : 'checksum';
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function randomText({ bytes, length }: { readonly bytes: number; readonly length: number }): string {
  let rest = BigInt(`0x${randomBytes(bytes).toString('hex')}`);
  let text = '';
  for (let index = 0; index < length; index += 1) {
    text = `${DIGITS.charAt(Number(rest % 62n))}${text}`;
    rest /= 62n;
  }
  return text;
}
