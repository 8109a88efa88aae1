import { nearest } from '../nearest.ts';
import { holdsToken } from '../token-shapes.ts';

/** A name that is not there, as it may be shown: whatever is written in the wrong place may be a key. */
export function shown(name: string): string {
  return holdsToken(name) ? '…' : name;
}

export function hintFor(word: string, known: readonly string[], otherwise: string): string {
  const meant = nearest(word, known);
  return meant === undefined ? otherwise : `did you mean "${meant}"?`;
}
