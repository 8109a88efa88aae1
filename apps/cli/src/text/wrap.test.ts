import { describe, expect, it } from 'vitest';
import { wrap } from './wrap.ts';

describe('wrap', () => {
  it('breaks between words and indents what follows', () => {
    expect(wrap('one two three four', 9, '  ')).toEqual(['one two', '  three', '  four']);
  });

  it('keeps the indentation that a line has', () => {
    expect(wrap('  - one two three', 11)).toEqual(['  - one two', '  three']);
  });

  it('leaves short lines, line breaks and spaces as they are', () => {
    expect(wrap('a  b\n\n  c', 20)).toEqual(['a  b', '', '  c']);
    expect(wrap('a very long line', Number.POSITIVE_INFINITY)).toEqual(['a very long line']);
  });

  it('leaves a word whole that is wider than the line', () => {
    expect(wrap('see https://example.com/a/long/address now', 12)).toEqual([
      'see',
      'https://example.com/a/long/address',
      'now',
    ]);
  });
});
