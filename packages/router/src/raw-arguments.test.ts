import type { Json } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { toRawArguments } from './raw-arguments.ts';

describe('toRawArguments', () => {
  it.each<[Json, Json]>([
    [{ uri: 'hostler://a/file:///x' }, { uri: 'file:///x' }],
    [{ list: ['hostler://a/x', 'hostler://b/x'] }, { list: ['x', 'hostler://b/x'] }],
    [{ deep: { er: [{ uri: 'hostler://a/hostler://a/x' }] } }, { deep: { er: [{ uri: 'hostler://a/x' }] } }],
    [{ 'hostler://a/x': 'hostler://a/' }, { 'hostler://a/x': '' }],
  ])('%j becomes %j', (args, expected) => {
    expect(toRawArguments(args, 'a')).toEqual(expected);
  });

  it.each<[Json]>([
    [{ uri: 'hostler://ab/x', text: 'see hostler://a/x', other: 'Hostler://a/x', nothing: null, n: 0, is: false }],
    [{ list: [[], {}, ['hostler://a']] }],
    [{}],
  ])('%j stays the same object', (args) => {
    expect(toRawArguments(args, 'a')).toBe(args);
  });

  it('keeps keys that objects are born with', () => {
    const args = JSON.parse('{"__proto__":{"uri":"hostler://a/x"}}') as Json;
    expect(JSON.stringify(toRawArguments(args, 'a'))).toBe('{"__proto__":{"uri":"x"}}');
  });
});
