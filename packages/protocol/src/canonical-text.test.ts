import { expect, test } from 'vitest';
import { canonicalText, digestOf } from './canonical-text.ts';

test('the order of members does not matter, that of elements does', () => {
  expect(canonicalText({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
  expect(digestOf({ a: 1, b: { c: 2, d: 3 } })).toBe(digestOf({ b: { d: 3, c: 2 }, a: 1 }));
  expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]));
});

test('values that look alike are told apart', () => {
  const values = [1, '1', [1], { 1: 1 }, null, 'null', {}, [], '', [[]], { '': null }];
  expect(new Set(values.map(digestOf)).size).toBe(values.length);
});

test('a member called __proto__ counts', () => {
  expect(canonicalText(JSON.parse('{"__proto__":{"a":1}}') as never)).toBe('{"__proto__":{"a":1}}');
});
