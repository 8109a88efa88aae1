import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from './secret.ts';

const CANARY = 'canary-7f3a9c51';
const secret = new Secret(CANARY, { reference: 'memory://canary', version: '3' });

describe('a secret', () => {
  it('gives its text to reveal only', () => {
    expect(secret.reveal()).toBe(CANARY);
  });

  it('shows [secret] when it is made into text', () => {
    const shown = [
      String(secret),
      `${secret as unknown as string}`,
      (secret as unknown as string) + '',
      secret.toJSON(),
    ];
    expect(shown).toEqual(Array.from({ length: 4 }, () => '[secret]'));
    expect(JSON.stringify({ deep: [{ secret }] })).toBe('{"deep":[{"secret":"[secret]"}]}');
    expect(Number(secret)).toBeNaN();
  });

  it.each([
    ['plain', {}],
    ['with hidden properties', { showHidden: true, depth: 9, getters: true }],
    ['without custom inspection', { customInspect: false, showHidden: true, depth: 9, getters: true, showProxy: true }],
  ])('does not show its text when inspected, %s', (_, options) => {
    const nested = { list: [secret], map: new Map([[secret, secret]]), error: new Error('x', { cause: secret }) };
    expect(inspect(nested, options)).not.toContain(CANARY);
    expect(format('%o %O %j %s', secret, secret, secret, secret)).not.toContain(CANARY);
  });

  it('does not take its text along when it is copied', () => {
    const copies = [structuredClone(secret), Object.assign({}, secret), Object.fromEntries(Object.entries(secret))];
    for (const copy of copies) expect(inspect(copy, { showHidden: true })).not.toContain(CANARY);
    expect(Object.getOwnPropertyNames(secret).toSorted()).toEqual(['reference', 'version', 'weak']);
  });

  it('tells a rotation from a repetition without showing either', () => {
    expect(secret.sameAs(new Secret(CANARY, { reference: 'memory://other' }))).toBe(true);
    expect(secret.sameAs(new Secret(`${CANARY}!`, { reference: 'memory://canary' }))).toBe(false);
  });

  it('is weak below 8 characters', () => {
    expect(new Secret('1234567', { reference: 'memory://pin' }).weak).toBe(true);
    expect(new Secret('12345678', { reference: 'memory://pin' }).weak).toBe(false);
  });

  it('cannot be changed', () => {
    expect(() => Object.assign(secret, { reference: 'memory://other' })).toThrow(TypeError);
  });
});
