import type { Json } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

/** As RFC 8785 says it, and nothing else. */
function plain(value: Json | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(plain).join(',')}]`;
  const members = Object.entries(value as Readonly<Record<string, Json>>).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${plain(inner)}`).join(',')}}`;
}

const ODD: readonly Json[] = [
  {},
  [],
  '',
  null,
  -0,
  JSON.parse('[1e400,-1e400]') as Json,
  1e21,
  1e-7,
  0.1 + 0.2,
  {
    b: 1,
    a: [
      { d: null, c: 'x' },
      { c: true, d: {} },
    ],
  },
  { 10: 1, 9: 2, '': 3, é: 4, '\u{1f600}': 5, '\ufb33': 6, __proto__: {} },
  { '\ud800': '\udfff', '"\\\n': '"\\\n\u2028' },
  { h: 1, g: 2, f: 3, e: 4, d: 5, c: 6, b: 7, a: 8 },
  { b: [{ b: 1, a: 2 }], d: 1, a: 2, c: 3, i: 4, h: 5, g: 6, f: 7, e: 8 },
  { b: { d: 1, c: { f: 1, e: 2 } }, a: [], ab: 1, '\u{10000}': 1, '\uffff': 2 },
  JSON.parse('{"__proto__":{"b":1,"a":2}}') as Json,
  Array.from({ length: 600 }, (_, index) => ({ [`name ${index}`]: index, a: [] })),
];

describe('canonicalJson', () => {
  it.each(ODD.map((value) => [JSON.stringify(value).slice(0, 40), value] as const))(
    'is that of RFC 8785: %s',
    (_, value) => {
      expect(canonicalJson(value)).toBe(plain(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      // What it says of its size counts for the size of the request.
      expect(Buffer.byteLength(canonicalJson(value))).toBe(Buffer.byteLength(JSON.stringify(value)));
    },
  );

  it('leaves out what is undefined', () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });
});
