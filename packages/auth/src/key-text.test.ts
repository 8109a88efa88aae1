import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkKey, createKey, hashKey } from './key-text.ts';

describe('a created key', () => {
  it('has an id, 43 characters that hold 256 bits, and a checksum of what comes before it', () => {
    const { key, hash } = createKey();
    expect(key).toMatch(/^hk_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9a-f]{8}$/);
    expect(key).toHaveLength(64);
    expect(Number.parseInt(key.slice(-8), 16)).toBe(crc32(key.slice(0, -9)));
    expect(hash).toBe(hashKey(key));
    expect(checkKey(key)).toBe('ok');
  });

  it('never comes twice, and every place of it varies', () => {
    const keys = Array.from({ length: 2000 }, () => createKey().key);
    expect(new Set(keys).size).toBe(keys.length);
    const seen = Array.from({ length: 64 }, (_, place) => new Set(keys.map((key) => key.charAt(place))).size);
    // The first digit of 256 bits in base 62 stays below 62, too: 2^256 is 97 % of 62^43.
    expect(seen.slice(3, 11).every((count) => count > 40)).toBe(true);
    expect(seen.slice(12, 55).every((count) => count > 55)).toBe(true);
  });

  it('is known by the SHA-256 of the whole of it', () => {
    expect(hashKey('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('checkKey', () => {
  const key = createKey().key;

  it('finds every character that was changed', () => {
    for (let place = 0; place < key.length; place += 1) {
      const other = key.charAt(place) === 'a' ? 'b' : 'a';
      expect(checkKey(key.slice(0, place) + other + key.slice(place + 1))).not.toBe('ok');
    }
  });

  it('finds two neighbours that were swapped', () => {
    const answers = Array.from({ length: 42 }, (_, index) => {
      const [one, other] = [key.charAt(index + 12), key.charAt(index + 13)];
      return one === other ? 'checksum' : checkKey(key.slice(0, index + 12) + other + one + key.slice(index + 14));
    });
    expect(new Set(answers)).toEqual(new Set(['checksum']));
  });

  it.each([
    ['a truncated one', key.slice(0, -1)],
    ['an extended one', `${key}0`],
    ['another prefix', key.replace('hk_', 'sk_')],
    ['upper case', key.toUpperCase()],
    ['a line end', `${key}\n`],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(checkKey(text)).toBe('format');
  });
});
