import { describe, expect, it } from 'vitest';
import { isJsonObject } from './json.ts';
import type { Json } from './json.ts';
import { Payload } from './payload.ts';

describe('Payload', () => {
  it('gives bytes back as they came, and parses them only when asked, once', () => {
    const bytes = new TextEncoder().encode(' {"n" : 9007199254740993, "h":1e400} ');
    const payload = Payload.ofBytes(bytes);
    expect(payload.bytes()).toBe(bytes);
    const value = payload.value();
    expect(value).toEqual({ n: 9007199254740992, h: Infinity });
    expect(payload.value()).toBe(value);
    expect(payload.bytes()).toBe(bytes);
  });

  it('takes bytes that are not JSON as long as nobody looks', () => {
    const payload = Payload.ofBytes(new TextEncoder().encode('{broken'));
    expect(payload.bytes()).toHaveLength(7);
    expect(() => payload.value()).toThrow(SyntaxError);
  });

  it('serialises a value only when asked, once', () => {
    let calls = 0;
    const value = { toJSON: () => ({ calls: ++calls }) } as unknown as Json;
    const payload = Payload.of(value);
    expect(payload.value()).toBe(value);
    expect(calls).toBe(0);
    const bytes = payload.bytes();
    expect(new TextDecoder().decode(bytes)).toBe('{"calls":1}');
    expect(payload.bytes()).toBe(bytes);
    expect(calls).toBe(1);
  });

  it.each<Json>([null, false, 0, '', [], {}, 'é🦊\ud83e', { __proto__: null, a: [null] } as never])(
    'keeps %j, whether it came as a value or as bytes',
    (value) => {
      const payload = Payload.of(value);
      expect(payload.value()).toEqual(value);
      expect(Payload.ofBytes(payload.bytes()).value()).toEqual(value);
      expect(payload.value()).toEqual(value);
    },
  );

  it.each([
    ['a byte that UTF-8 never has', [0x22, 0xff, 0x22], TypeError],
    ['a cut sequence', [0x22, 0xe2, 0x82, 0x22], TypeError],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22], TypeError],
    ['a byte order mark', [0xef, 0xbb, 0xbf, 0x31], SyntaxError],
    ['nothing', [], SyntaxError],
  ])('refuses to read %s', (_, bytes, kind) => {
    const payload = Payload.ofBytes(Uint8Array.from(bytes));
    expect(() => payload.value()).toThrow(kind);
    expect(() => payload.value()).toThrow(kind);
  });

  it('reads a view, not the buffer behind it', () => {
    const bytes = new TextEncoder().encode('xx[1]xx').subarray(2, 5);
    expect(Payload.ofBytes(bytes).value()).toEqual([1]);
  });

  it('keeps a dangerous key as plain data', () => {
    const value = Payload.ofBytes(new TextEncoder().encode('{"__proto__":{"admin":true}}')).value() as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__']);
  });
});

describe('isJsonObject', () => {
  it.each([
    [{}, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    [undefined, false],
    ['{}', false],
    [0, false],
  ])('of %j is %s', (value, expected) => {
    expect(isJsonObject(value)).toBe(expected);
  });
});
