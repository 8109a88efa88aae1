import { describe, expect, it } from 'vitest';
import { fitsPattern } from './text-pattern.ts';

describe('a pattern', () => {
  it.each([
    ['ada', 'ada', true],
    ['ada', 'Ada', false],
    ['ada', 'ad', false],
    ['ada', 'adas', false],
    ['ada', '*', true],
    ['', '*', true],
    ['', '', true],
    ['a', '', false],
    ['', '?', false],
    ['ada', 'a?a', true],
    ['ada', 'a*a', true],
    ['aa', 'a*a', true],
    ['a', 'a*a', false],
    ['abcabcabd', '*abd', true],
    ['abcabcabd', 'abc*abc*', true],
    ['repo:acme/x:ref:refs/heads/main', 'repo:acme/*:ref:refs/heads/main', true],
    ['repo:evil/acme/x:ref:refs/heads/main', 'repo:acme/*:ref:refs/heads/main', false],
    ['a.b', 'a?b', true],
    ['axb', 'a.b', false],
    ['(a|b)', '(a|b)', true],
  ])('%j in %j: %s', (text, pattern, fits) => {
    expect(fitsPattern(text, pattern)).toBe(fits);
  });

  it('takes no more steps than both lengths multiplied', () => {
    const before = process.cpuUsage().user;
    expect(fitsPattern('a'.repeat(8000), `${'*a'.repeat(100)}b`)).toBe(false);
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000);
  });
});
