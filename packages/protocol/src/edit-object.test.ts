import { describe, expect, it } from 'vitest';
import { createRandom, randomObject, writeLoosely } from '../test/random-json.ts';
import { editObject, memberBytes } from './edit-object.ts';
import { JsonShapeError } from './json-scan.ts';

function edited(text: string, edit: Parameters<typeof editObject>[1]): string {
  return Buffer.from(editObject(Buffer.from(text), edit)).toString('utf8');
}

describe('editObject', () => {
  it('replaces in place, adds at the front, removes, and leaves the rest byte for byte', () => {
    const text =
      '{ "big" : 9007199254740993,"huge":1e400 , "name":"old", "x-unknown":{ "a" : [ 1.0,  1.50 ] },"gone":1}';
    expect(edited(text, { set: { name: '"new"', extra: '[1]' }, remove: ['gone', 'absent'] })).toBe(
      '{"extra":[1],"big" : 9007199254740993,"huge":1e400,"name":"new","x-unknown":{ "a" : [ 1.0,  1.50 ] }}',
    );
  });

  it('writes the same bytes for an edit that changes nothing in an object without spare space', () => {
    const text = '{"a":1e400,"b":-0,"\\u0063":"\\/é","d":12345678901234567890.10}';
    expect(edited(text, {})).toBe(text);
    expect(edited(text, { remove: ['e'] })).toBe(text);
  });

  it.each([
    ['{}', { set: { a: '1' } }, '{"a":1}'],
    ['{}', {}, '{}'],
    ['{"a":1}', { remove: ['a'] }, '{}'],
    ['{"a":1}', { remove: ['a'], set: { a: '2' } }, '{"a":2}'],
    ['{"a":1}', { set: { 'b"\n': '2' } }, '{"b\\"\\n":2,"a":1}'],
    ['{"\\u0061":1}', { set: { a: '2' } }, '{"\\u0061":2}'],
    ['{"constructor":1}', { remove: ['toString'] }, '{"constructor":1}'],
    ['{"toString":1}', { set: { a: '1' } }, '{"a":1,"toString":1}'],
    ['{"a":1}', { set: { a: Buffer.from('1e400') } }, '{"a":1e400}'],
  ])('%s edited by %j is %s', (text, edit, expected) => {
    expect(edited(text, edit)).toBe(expected);
  });

  it('agrees with the same edit of the parsed object', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = createRandom(seed);
      const value = randomObject(random);
      const keys = Object.keys(value);
      const removed = keys.filter(() => random.below(3) === 0);
      const replaced = keys.filter(() => random.below(3) === 0);
      const set = Object.fromEntries(['new', ...replaced].map((key) => [key, '{"set":true}']));
      const expected: Record<string, unknown> = { ...value };
      for (const key of removed) delete expected[key];
      for (const key of Object.keys(set)) expected[key] = { set: true };
      expect(JSON.parse(edited(writeLoosely(value, random), { set, remove: removed }))).toEqual(expected);
    }
  });

  it.each(['[]', '1', '', '{"a":1', '{"a":1,"a":2}'])('refuses %j', (text) => {
    expect(() => edited(text, { set: { a: '1' } })).toThrow(JsonShapeError);
  });
});

describe('memberBytes', () => {
  it('gives the bytes of a value as they stand, and nothing for a key that is not there', () => {
    const bytes = Buffer.from('{"a" :  [ 1e400 ] ,"__proto__":2}');
    expect(Buffer.from(memberBytes(bytes, 'a') ?? []).toString()).toBe('[ 1e400 ]');
    expect(Buffer.from(memberBytes(bytes, '__proto__') ?? []).toString()).toBe('2');
    expect(memberBytes(bytes, 'toString')).toBeUndefined();
    expect(() => memberBytes(Buffer.from('null'), 'a')).toThrow(JsonShapeError);
  });
});
