import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { secretErrors } from '../secret-errors.ts';

/** What a key text says: the bytes themselves, or a passphrase that they are derived from. */
export type VaultKey =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'passphrase'; readonly passphrase: string };

export const KEY_BYTES = 32;
export const SALT_BYTES = 16;
/** OWASP Password Storage Cheat Sheet: scrypt with N=2^17, r=8, p=1; half a second and 128 MiB for a guess. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const MIN_PASSPHRASE = 12;
/** Random bytes are never so uniform: 32 of them have fewer than 12 different ones once in 10^24. */
const MIN_DIFFERENT_BYTES = 12;
const PLACEHOLDERS =
  /passphrase|placeholder|changeme|password|example|default|hostler|replace|secret|change|insert|phrase|admin|vault|your|here|this|test|todo|with|key|my|me|x{3,}/g;
const MIN_BESIDE_PLACEHOLDERS = 6;

const derive = promisify<string, Uint8Array, number, typeof SCRYPT, Buffer>(scrypt);

/**
 * Reads a key text: `base64:` or `hex:` and 32 random bytes, or `pass:` and a passphrase. The text is in no error.
 * @throws SECRET_VAULT_KEY_INVALID for anything else, and for keys that can be guessed
 */
export function parseVaultKey(text: string): VaultKey {
  const { prefix = '', rest = '' } = /^(?<prefix>base64|hex|pass):(?<rest>.*)$/su.exec(text)?.groups ?? {};
  switch (prefix) {
    case 'base64': {
      if (!/^[\w+/-]{43}=?$/.test(rest)) throw invalid('write 32 bytes after base64: (43 or 44 characters).');
      return toBytes(Buffer.from(rest, 'base64'));
    }
    case 'hex': {
      if (!/^[\da-f]{64}$/i.test(rest)) throw invalid('write 32 bytes after hex: (64 characters).');
      return toBytes(Buffer.from(rest, 'hex'));
    }
    case 'pass': {
      return toPassphrase(rest.normalize('NFC'));
    }
    default: {
      throw invalid('begin it with base64: or hex: and 32 random bytes, or with pass: and a passphrase.');
    }
  }
}

/** The bytes of a key; a passphrase takes the salt that is stored beside what it encrypts. */
export async function deriveKey(key: VaultKey, salt: Uint8Array | undefined): Promise<Uint8Array | undefined> {
  if (key.kind === 'bytes') return salt === undefined ? key.bytes : undefined;
  return salt === undefined ? undefined : derive(key.passphrase, salt, KEY_BYTES, SCRYPT);
}

function toBytes(bytes: Uint8Array): VaultKey {
  const [first = 0, second = 0] = bytes;
  const isSequence = bytes.every((byte, index) => byte === (first + index * (second - first) + 256 * KEY_BYTES) % 256);
  if (isSequence || new Set(bytes).size < MIN_DIFFERENT_BYTES) {
    throw invalid('its bytes are not random: make it with `openssl rand -base64 32`.');
  }
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    throw invalid('its bytes are text: write a passphrase after pass: or make a key with `openssl rand -base64 32`.');
  }
  return { kind: 'bytes', bytes: Uint8Array.from(bytes) };
}

function toPassphrase(passphrase: string): VaultKey {
  const characters = Array.from(passphrase);
  if (characters.length < MIN_PASSPHRASE) {
    throw invalid(`the passphrase has fewer than ${MIN_PASSPHRASE} characters.`);
  }
  const beside = passphrase
    .toLowerCase()
    .replaceAll(/[^\p{L}]/gu, '')
    .replaceAll(PLACEHOLDERS, '');
  if (new Set(characters).size < MIN_BESIDE_PLACEHOLDERS || beside.length < MIN_BESIDE_PLACEHOLDERS) {
    throw invalid('the passphrase is a placeholder or has too few different letters: choose several random words.');
  }
  return { kind: 'passphrase', passphrase };
}

function invalid(problem: string): Error {
  return secretErrors.VAULT_KEY_INVALID({ details: { problem } });
}
