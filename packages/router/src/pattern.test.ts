import { describe, expect, it } from 'vitest';
import { createFilter, matchesGlob } from './pattern.ts';

describe('matchesGlob', () => {
  it.each([
    ['read', 'read', true],
    ['read', 'reads', false],
    ['read', 'Read', false],
    ['read_*', 'read_file', true],
    ['read_*', 'read_', true],
    ['read_*', 'read', false],
    ['*', '', true],
    ['*', 'a/b\nc', true],
    ['', '', true],
    ['', 'a', false],
    ['?', 'a', true],
    ['?', '', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*file*', 'read_file_now', true],
    ['*ab', 'aab', true],
    ['a*b*c', 'aXbXbXc', true],
    ['a*b*c', 'aXcXb', false],
    ['file:///*.md', 'file:///a/b.md', true],
    ['**', 'x', true],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
    ['{a}', '{a}', true],
  ])('%j and %j: %s', (glob, text, expected) => {
    expect(matchesGlob(glob, text)).toBe(expected);
  });

  it('agrees with a regular expression on short texts', () => {
    const words = (count: number, from: readonly string[]): string[] =>
      count === 0 ? [''] : words(count - 1, from).flatMap((word) => from.map((letter) => word + letter));
    for (const glob of [...words(3, ['a', 'b', '*', '?']), ...words(5, ['a', '*', '?'])]) {
      const pattern = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      for (const text of [...words(3, ['a', 'b']), ...words(5, ['a', 'b'])]) {
        expect(matchesGlob(glob, text)).toBe(pattern.test(text));
      }
    }
  });

  it('is not kept busy by a text', () => {
    const begun = process.threadCpuUsage();
    matchesGlob(`${'a*'.repeat(30)}b`, 'a'.repeat(20_000));
    const { user, system } = process.threadCpuUsage(begun);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });
});

describe('createFilter', () => {
  it.each([
    // include, exclude, kind, key, offered
    [undefined, [], 'tool', 'x', true],
    [undefined, ['x'], 'tool', 'x', false],
    [undefined, ['x'], 'prompt', 'x', false],
    [undefined, ['tool:x'], 'prompt', 'x', true],
    [undefined, ['tool:x'], 'tool', 'x', false],
    [undefined, ['prompt:*'], 'prompt', 'x', false],
    [undefined, ['resource:*'], 'resource', 'file:///x', false],
    [undefined, ['resource:*'], 'template', 'file:///{x}', false],
    [undefined, ['resource:*'], 'tool', 'x', true],
    [[], [], 'tool', 'x', false],
    [['x'], [], 'tool', 'x', true],
    [['x'], [], 'tool', 'y', false],
    [['tool:x'], [], 'prompt', 'x', false],
    [['tool:*', 'prompt:*'], [], 'prompt', 'x', true],
    [['*'], ['x'], 'tool', 'x', false],
    [['tool:x'], ['*'], 'tool', 'x', false],
    [['tool:get_*'], ['tool:get_secret*'], 'tool', 'get_secrets', false],
    [['tool:get_*'], ['tool:get_secret*'], 'tool', 'get_list', true],
    [['resource:file:///docs/*'], [], 'resource', 'file:///docs/a', true],
    [['resource:file:///docs/*'], [], 'resource', 'file:///other', false],
    [['tool:a:b'], [], 'tool', 'a:b', true],
  ] as const)('include %j exclude %j: %s %s is offered: %s', (...[include, exclude, kind, key, expected]) => {
    const filter = createFilter({ exclude, ...(include && { include }) });
    expect(filter.offers(kind, key)).toBe(expected);
  });
});
