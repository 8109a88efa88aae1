import { describe, expect, it } from 'vitest';
import { checkValue, selectKey } from './secret-value.ts';

describe('a secret value', () => {
  it.each([
    ['one line', 'one line'],
    ['several lines', '-----BEGIN X-----\nabc\r\n\n-----END X-----\n'],
    ['any characters', 'é😀'],
    ['64 KiB', 'x'.repeat(65_536)],
  ])('may be %s', (_, value) => {
    expect(checkValue(value)).toBe(value);
  });

  it.each([
    ['nothing', '', 'empty'],
    ['white space', ' \n\t', 'empty'],
    ['text with NUL', 'a\0b', 'NUL'],
    ['half a character', 'a\ud800b', 'well-formed'],
    ['one more than 64 KiB', 'x'.repeat(65_537), '64 KiB'],
    ['more than 64 KiB of UTF-8', 'é'.repeat(32_769), '64 KiB'],
    ['absent', undefined, 'not text'],
    ['a number', 42, 'not text'],
  ])('may not be %s', (_, value, problem) => {
    expect(() => checkValue(value)).toThrow(
      expect.objectContaining({ code: 'SECRET_VALUE_INVALID', message: expect.stringContaining(problem) }),
    );
  });
});

describe('a key of a JSON value', () => {
  const json = JSON.stringify({
    a: { b: 'deep', 'c.d': 'dotted' },
    port: 5432,
    on: true,
    list: ['x', 'y'],
    none: null,
  });

  it.each([
    ['a.b', 'deep'],
    [String.raw`a.c\.d`, 'dotted'],
    ['port', '5432'],
    ['on', 'true'],
    ['list.1', 'y'],
  ])('%s selects', (key, value) => {
    expect(selectKey(json, key)).toBe(value);
  });

  it.each(['b', 'a.x', 'none', 'list.2', 'list.length', 'toString', '__proto__', 'constructor.name', 'a.b.length'])(
    '%s is not found',
    (key) => {
      expect(() => selectKey(json, key)).toThrow(expect.objectContaining({ code: 'SECRET_NOT_FOUND' }));
    },
  );

  it.each([
    [json, 'a'],
    [json, 'list'],
    ['{"big":12345678901234567890}', 'big'],
    ['{"half":1.5}', 'half'],
    ['"text"', 'a'],
    ['[1]', '0'],
    ['hunter2-hunter2', 'a'],
    ['{"hunter2-hunter2": ', 'a'],
  ])('of %s, %s is refused without repeating the value', (value, key) => {
    expect(() => selectKey(value, key)).toThrow(
      expect.objectContaining({ code: 'SECRET_VALUE_INVALID', message: expect.not.stringContaining('hunter2') }),
    );
  });
});
