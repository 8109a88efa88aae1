import type { JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { shapeOf, shapeTextOf } from './argument-shape.ts';

const VALUES: Readonly<Record<string, JsonObject>> = {
  nothing: {},
  'plain ones': { text: 'a', number: 1, flag: true, none: null, left_out: undefined, 'a.b-c$': '' },
  'a list and an object': { text: 'a', list: [1, 'b'], deep: { a: { b: {} } } },
  'odd names': { '': 1, '"': 2, é: 3, 'a b': 4, '\n': 5 },
  'names that objects have': JSON.parse('{"__proto__":1,"constructor":"a","10":1,"9":2}') as JsonObject,
  'a long name': { ['k'.repeat(65)]: 1 },
  'the longest name that is not cut': { ['k'.repeat(64)]: 1 },
  'many names': Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`name${index}`, index])),
};

describe('shapeTextOf', () => {
  it.each(Object.entries(VALUES))('is the shape as JSON: %s', (_name, values) => {
    expect(shapeTextOf(values)).toBe(JSON.stringify(shapeOf(values)));
  });
});
