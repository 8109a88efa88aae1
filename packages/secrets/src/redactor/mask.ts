import type { PatternSet } from './pattern-set.ts';

const MASK = '[secret]';

export interface Masked {
  readonly text: string;
  /** How many characters after `until` belong to a value whose mask is already written. */
  readonly covered: number;
}

/**
 * Masks every match that begins before `until` and writes the text up to there. Matches that overlap share one mask.
 * `covered` characters at the beginning belong to a mask that was written before.
 */
export function maskText(patterns: PatternSet, text: string, until: number, covered: number): Masked {
  let match = patterns.next(text, 0);
  if (covered === 0 && until === text.length && match === undefined) return { text, covered: 0 };
  const pieces: string[] = [];
  let maskedTo = covered;
  while (match !== undefined && match.start < until) {
    if (match.start >= maskedTo) pieces.push(text.slice(maskedTo, match.start), MASK);
    maskedTo = Math.max(maskedTo, match.end);
    match = patterns.next(text, match.start + 1);
  }
  if (maskedTo < until) pieces.push(text.slice(maskedTo, until));
  return { text: pieces.join(''), covered: Math.max(0, maskedTo - until) };
}
