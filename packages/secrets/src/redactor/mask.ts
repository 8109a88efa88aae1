import type { Match, PatternSet } from './pattern-set.ts';

export const MASK = '[secret]';

export interface Masked {
  readonly text: string;
  /** How many characters after `until` belong to a value whose mask is already written. */
  readonly covered: number;
}

export interface MaskOptions {
  /** Only matches that begin before are masked, and only the text up to there is written; default: all of it. */
  readonly until?: number;
  /** So many characters at the beginning belong to a mask that was written before. */
  readonly covered?: number;
  /** Whether a match may stand, and with it those that lie wholly within it. */
  readonly passes?: (match: Match) => boolean;
}

/** Masks what a pattern matches; matches that overlap share one mask. */
export function maskText(patterns: PatternSet, text: string, options: MaskOptions = {}): Masked {
  const { until = text.length, covered = 0, passes } = options;
  const work = { left: patterns.workFor(text) };
  let match = patterns.next(text, 0, work);
  if (covered === 0 && until === text.length && match === undefined) return { text, covered: 0 };
  const pieces: string[] = [];
  let writtenTo = covered;
  let passedTo = 0;
  while (match !== undefined && match.start < until) {
    if (match.end > passedTo && passes?.(match) === true) passedTo = match.end;
    else if (match.end > passedTo) {
      if (match.start >= writtenTo) pieces.push(text.slice(writtenTo, match.start), MASK);
      writtenTo = Math.max(writtenTo, match.end);
    }
    match = patterns.next(text, match.start + 1, work);
  }
  if (writtenTo < until) pieces.push(text.slice(writtenTo, until));
  return { text: pieces.join(''), covered: Math.max(0, writtenTo - until) };
}
