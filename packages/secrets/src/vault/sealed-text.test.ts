import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { seal, unseal } from './sealed-text.ts';

const key = randomBytes(32);
const place = ['format', 'record', 'name', 'key-1'];

it('opens with the same key at the same place', () => {
  for (const text of ['x', 'several\nlines\r\n', 'é😀', 'y'.repeat(65_536)]) {
    expect(unseal(key, place, seal(key, place, text))).toBe(text);
  }
});

it('does not open when any bit of it was changed', () => {
  const bytes = Buffer.from(seal(key, place, 'the value of a secret'), 'base64');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(unseal(key, place, changed.toString('base64'))).toBeUndefined();
  }
});

it('does not open when any character of it was changed, left out or added', () => {
  const sealed = seal(key, place, 'the value of a secret');
  const changed = Array.from(sealed, (character, index) => {
    const [before, after] = [sealed.slice(0, index), sealed.slice(index + 1)];
    const others = Array.from('Aa9+/-_= ', (other) => before + other + after);
    return [before + after, `${before}A${character}${after}`, `${before} ${character}${after}`, ...others];
  }).flat();
  const opened = changed.filter((text) => text !== sealed && unseal(key, place, text) !== undefined);
  expect(opened).toEqual([]);
});

it('does not open at another place or with another key', () => {
  const sealed = seal(key, place, 'the value of a secret');
  const others = [
    ['format', 'record', 'other', 'key-1'],
    ['format', 'record', 'name', 'key-2'],
    ['format', 'record', 'name'],
    ['format', 'record', 'name,key-1'],
    ['format', 'recordname', '', 'key-1'],
  ];
  for (const other of others) expect(unseal(key, other, sealed)).toBeUndefined();
  expect(unseal(randomBytes(32), place, sealed)).toBeUndefined();
});

it('never uses a nonce twice', { timeout: 30_000 }, () => {
  const count = 20_000;
  const nonces = new Set<string>();
  // 16 characters of base64 are the 12 bytes in front.
  for (let index = 0; index < count; index += 1) nonces.add(seal(key, place, 'same').slice(0, 16));
  expect(nonces.size).toBe(count);
});
