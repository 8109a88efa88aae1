import { describe, expect, it } from 'vitest';
import { fitsServer, parseViewPattern } from './view-pattern.ts';

describe('parseViewPattern', () => {
  it.each([
    ['tool:github/create_*', { kind: 'tool', server: 'github', name: 'create_*' }],
    ['*/summarize', { kind: undefined, server: '*', name: 'summarize' }],
    ['resource:files/file:///data/**', { kind: 'resource', server: 'files', name: 'file:///data/**' }],
    ['files/file:///x', { kind: undefined, server: 'files', name: 'file:///x' }],
  ])('takes %s apart', (text, parts) => {
    expect(parseViewPattern(text)).toEqual(parts);
  });
});

describe('fitsServer', () => {
  it.each([
    ['*', 'github', true],
    ['**', 'github', true],
    ['git*', 'github', true],
    ['*hub', 'github', true],
    ['g*t*b', 'github', true],
    ['g?thub', 'github', true],
    ['github', 'github', true],
    ['git', 'github', false],
    ['github?', 'github', false],
    ['*x*', 'github', false],
    ['GitHub', 'github', false],
    ['*a'.repeat(200), 'a'.repeat(32), false],
  ])('%s with %s: %s', (pattern, name, expected) => {
    expect(fitsServer(pattern, name)).toBe(expected);
  });
});
