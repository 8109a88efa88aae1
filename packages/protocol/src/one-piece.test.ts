import { expect, test } from 'vitest';
import { inOnePiece } from './one-piece.ts';

test.each(['', 'a', 'd\u00e9j\u00e0 vu', '\u2028\ufeff\u{1f600}\0', 'x'.repeat(5_000)])(
  '%j is the same text',
  (text) => {
    expect(inOnePiece(`${text}${text}`)).toBe(text + text);
  },
);
