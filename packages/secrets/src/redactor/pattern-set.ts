import type { Haystack, Work } from './pattern-tree.ts';
import { PatternWindow } from './pattern-window.ts';
import type { Match } from './pattern-window.ts';

export type { Match } from './pattern-window.ts';

/** Every pattern is at least this long. */
const SHORTEST = 8;
/** A window that is wider moves no faster: by then most of the blocks of a text are somewhere in one of many patterns. */
const WIDEST = 32;
/** Comparisons for each character; ordinary text takes less than one. */
const WORK_PER_CHARACTER = 64;
const LEAST_WORK = 4_096;

/**
 * Finds any of many texts in one pass. Most of the text is never looked at, and the memory does not grow with the length
 * of the patterns as that of an automaton does.
 *
 * Patterns that begin alike are compared together, so a text of near matches costs one comparison for each of its
 * characters, not one for each pattern. What remains is a pattern that repeats itself dozens of times, in a text that does
 * so too: the work for a text is bounded, and beyond it all the rest of the text counts as a match.
 */
export class PatternSet {
  readonly #patterns = new Set<string>();
  /** Where all patterns are long, as those of made-up secrets are: searching takes a third of the time. */
  #wide: PatternWindow | undefined;
  readonly #narrow = new PatternWindow(SHORTEST);
  /** The first 1 to 7 characters of patterns, with the number of patterns that begin so. */
  readonly #beginnings = new Map<string, number>();

  #longest = 0;
  /** Of the patterns that were ever in it. */
  #shortest = Number.POSITIVE_INFINITY;

  /** Of the patterns that were ever in it. */
  get longest(): number {
    return this.#longest;
  }

  add(pattern: string): void {
    this.#longest = Math.max(this.#longest, pattern.length);
    this.#countBeginnings(pattern, 1);
    this.#narrow.add(pattern);
    this.#patterns.add(pattern);
    if (pattern.length >= this.#shortest) this.#wide?.add(pattern);
    else this.#widenFor(pattern);
  }

  delete(pattern: string): void {
    this.#countBeginnings(pattern, -1);
    this.#narrow.delete(pattern);
    this.#wide?.delete(pattern);
    this.#patterns.delete(pattern);
  }

  /** What the search of one text may spend: hand it to every `next` for that text. */
  workFor(text: Haystack): number {
    return LEAST_WORK + text.length * WORK_PER_CHARACTER;
  }

  /** The first match that begins at `from` or later; of several that begin there, the longest. */
  next(text: Haystack, from: number, work: Work): Match | undefined {
    const window = this.#wide ?? this.#narrow;
    return typeof text === 'string' ? window.nextInText(text, from, work) : window.nextInBytes(text, from, work);
  }

  /** The first place from which all the rest of the text is the beginning of a longer pattern; else the text's end. */
  firstOpen(text: string): number {
    const open = this.#narrow.firstOpen(text, { left: this.workFor(text) });
    if (open !== undefined) return open;
    for (let start = Math.max(0, text.length - SHORTEST + 1); start < text.length; start += 1) {
      if (this.#beginnings.has(text.slice(start))) return start;
    }
    return text.length;
  }

  /** A window may not be wider than the shortest pattern. */
  #widenFor(pattern: string): void {
    this.#shortest = pattern.length;
    const size = Math.min(WIDEST, pattern.length);
    if (size === this.#wide?.size) return this.#wide.add(pattern);
    this.#wide = undefined;
    if (size < 2 * SHORTEST) return;
    this.#wide = new PatternWindow(size);
    for (const each of this.#patterns) this.#wide.add(each);
  }

  #countBeginnings(pattern: string, change: 1 | -1): void {
    for (let length = 1; length < SHORTEST; length += 1) {
      const beginning = pattern.slice(0, length);
      const count = (this.#beginnings.get(beginning) ?? 0) + change;
      if (count > 0) this.#beginnings.set(beginning, count);
      else this.#beginnings.delete(beginning);
    }
  }
}
