import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { deriveKey, parseVaultKey } from './vault-key.ts';

const random = randomBytes(32);

function refusalOf(text: string): Error {
  try {
    parseVaultKey(text);
  } catch (error) {
    return error as Error;
  }
  return expect.unreachable('the key was accepted');
}

describe('a key text', () => {
  it.each([
    `base64:${random.toString('base64')}`,
    `base64:${random.toString('base64').slice(0, -1)}`,
    `base64:${random.toString('base64url')}`,
    `hex:${random.toString('hex')}`,
    `hex:${random.toString('hex').toUpperCase()}`,
  ])('%s is used as it is', async (text) => {
    const key = parseVaultKey(text);
    expect(Buffer.from((await deriveKey(key, undefined)) ?? [])).toEqual(random);
    expect(await deriveKey(key, randomBytes(16))).toBeUndefined();
  });

  it('pass: goes through scrypt with N=2^17, r=8, p=1 and the salt', { timeout: 30_000 }, async () => {
    // The value of an independent implementation (Python hashlib.scrypt).
    const key = parseVaultKey('pass:correct horse battery staple');
    const derived = await deriveKey(key, Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'));
    expect(Buffer.from(derived ?? []).toString('hex')).toBe(
      '1b2946da71f41179e83b99dc33842d15741b87c4121c8c7f3781c1df864fb58b',
    );
    expect(await deriveKey(key, undefined)).toBeUndefined();
  });

  it.each([
    ['', 'begin it with'],
    ['correct horse battery staple', 'begin it with'],
    [random.toString('base64'), 'begin it with'],
    ['BASE64:AAAA', 'begin it with'],
    ['base64:', '32 bytes after base64:'],
    [`base64:${randomBytes(31).toString('base64')}`, '32 bytes after base64:'],
    [`base64:${randomBytes(33).toString('base64')}`, '32 bytes after base64:'],
    [`base64:${random.toString('base64')}\n`, '32 bytes after base64:'],
    [`hex:${random.toString('hex').slice(2)}`, '32 bytes after hex:'],
    [`hex:${'g'.repeat(64)}`, '32 bytes after hex:'],
    [`hex:${'00'.repeat(32)}`, 'not random'],
    [`hex:${'ab'.repeat(32)}`, 'not random'],
    [`hex:${'0123456789abcdef'.repeat(4).slice(0, 64)}`, 'text|not random'],
    [`hex:${Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('hex')}`, 'not random'],
    [`hex:${Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index)).toString('hex')}`, 'not random'],
    [`base64:${Buffer.from('changemechangemechangemechangeme').toString('base64')}`, 'not random|text'],
    [`base64:${Buffer.from('an ascii text of 32 characters !').toString('base64')}`, 'text'],
    ['pass:', 'fewer than 12'],
    ['pass:elevenchars', 'fewer than 12'],
    ['pass:changemechangeme', 'placeholder'],
    ['pass:my-secret-password', 'placeholder'],
    ['pass:your passphrase here', 'placeholder'],
    ['pass:aaaaaaaaaaaaaaaa', 'placeholder'],
    ['pass:xxxxxxxxxxxxxxxxxxxx', 'placeholder'],
    ['pass:123456789012345', 'placeholder'],
  ])('%s is refused', (text, problem) => {
    const error = refusalOf(text);
    expect(error).toMatchObject({ code: 'SECRET_VAULT_KEY_INVALID' });
    expect(error.message).toMatch(new RegExp(problem));
    // Beyond a few characters that stand in any sentence.
    const secret = text.split(':').at(-1)?.padEnd(9, '#') ?? '';
    expect(inspect(error, { depth: 9 })).not.toContain(secret);
  });

  it.each(['pass:correct horse battery staple', 'pass:x7Kp2mQ9vL4z', 'pass:žluťoučký kůň úpěl'])(
    '%s is accepted',
    (text) => {
      expect(parseVaultKey(text).kind).toBe('passphrase');
    },
  );

  it('is the same passphrase however its letters are composed', () => {
    expect(parseVaultKey('pass:e\u0301tude sur la mer')).toEqual(parseVaultKey('pass:\u00E9tude sur la mer'));
  });
});
