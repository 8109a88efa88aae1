import { addToTree, createTree, deleteFromTree, isOpenAt, longestAt } from './pattern-tree.ts';
import type { Branch, Haystack, Work } from './pattern-tree.ts';

/** Every pattern is at least this long; the search looks at text through a window of this length. */
const WINDOW = 8;
const BLOCK = 3;
const FARTHEST = WINDOW - BLOCK + 1;
const TABLE_SIZE = 1 << 16;
/** Comparisons for each character; ordinary text takes less than one. */
const WORK_PER_CHARACTER = 64;
const LEAST_WORK = 4_096;

export interface Match {
  readonly start: number;
  readonly end: number;
  /** Absent when the search gave up: then the match is all the rest. */
  readonly pattern?: string;
}

/**
 * Finds any of many texts in one pass. Wu and Manber's method (1994): the last characters of the window say how far
 * it may move on at least, so that most of the text is never looked at, and the memory does not grow with the length
 * of the patterns as that of an automaton does.
 *
 * Patterns that begin alike are compared together, so a text of near matches costs one comparison for each of its
 * characters, not one for each pattern. What remains is a pattern that repeats itself dozens of times, in a text that does
 * so too: the work for a text is bounded, and beyond it all the rest of the text counts as a match.
 */
export class PatternSet {
  /** How far the window may move when it ends in this block; 0 means: a pattern may begin here. */
  readonly #moves = new Uint8Array(TABLE_SIZE).fill(FARTHEST);
  /** Patterns by the block at the end of their first window. */
  readonly #trees = new Map<number, Branch>();
  /** The first 1 to 7 characters of patterns, with the number of patterns that begin so. */
  readonly #beginnings = new Map<string, number>();

  #longest = 0;

  /** Of the patterns that were ever in it. */
  get longest(): number {
    return this.#longest;
  }

  add(pattern: string): void {
    this.#longest = Math.max(this.#longest, pattern.length);
    for (let place = BLOCK; place <= WINDOW; place += 1) {
      const block = blockBefore(pattern, place);
      this.#moves[block] = Math.min(this.#moves[block] ?? FARTHEST, WINDOW - place);
    }
    this.#countBeginnings(pattern, 1);
    const block = blockBefore(pattern, WINDOW);
    const tree = this.#trees.get(block);
    if (tree === undefined) this.#trees.set(block, createTree(pattern));
    else addToTree(tree, pattern);
  }

  /** Moves stay short where this pattern made them so: slower by a little, never wrong. */
  delete(pattern: string): void {
    this.#countBeginnings(pattern, -1);
    const block = blockBefore(pattern, WINDOW);
    const tree = this.#trees.get(block);
    if (tree !== undefined && !deleteFromTree(tree, pattern)) this.#trees.delete(block);
  }

  /** What the search of one text may spend: hand it to every `next` for that text. */
  workFor(text: Haystack): number {
    return LEAST_WORK + text.length * WORK_PER_CHARACTER;
  }

  /** The first match that begins at `from` or later; of several that begin there, the longest. */
  next(text: Haystack, from: number, work: Work): Match | undefined {
    return typeof text === 'string' ? this.#nextInText(text, from, work) : this.#nextInBytes(text, from, work);
  }

  /** The first place from which all the rest of the text is the beginning of a longer pattern; else the text's end. */
  firstOpen(text: string): number {
    const work = { left: this.workFor(text) };
    let end = WINDOW;
    while (end <= text.length && work.left > 0) {
      const block = blockBefore(text, end);
      const move = this.#moves[block] ?? FARTHEST;
      const tree = move === 0 ? this.#trees.get(block) : undefined;
      if (tree !== undefined && isOpenAt(tree, text, end - WINDOW, work)) return end - WINDOW;
      end += Math.max(move, 1);
    }
    for (let start = Math.max(0, text.length - WINDOW + 1); start < text.length; start += 1) {
      if (this.#beginnings.has(text.slice(start))) return start;
    }
    return text.length;
  }

  #nextInText(text: string, from: number, work: Work): Match | undefined {
    const { length } = text;
    const moves = this.#moves;
    let end = from + WINDOW;
    while (end <= length) {
      const block = blockBefore(text, end);
      const move = moves[block] as number;
      if (move > 0) {
        end += move;
        continue;
      }
      const match = this.#matchAt(text, end - WINDOW, block, work);
      if (match !== undefined) return match;
      end += 1;
    }
    return undefined;
  }

  /** The same loop once more: one that reads both kinds of text is several times slower. */
  #nextInBytes(bytes: Uint8Array, from: number, work: Work): Match | undefined {
    const { length } = bytes;
    const moves = this.#moves;
    let end = from + WINDOW;
    while (end <= length) {
      const block = blockOf(bytes[end - 3] as number, bytes[end - 2] as number, bytes[end - 1] as number);
      const move = moves[block] as number;
      if (move > 0) {
        end += move;
        continue;
      }
      const match = this.#matchAt(bytes, end - WINDOW, block, work);
      if (match !== undefined) return match;
      end += 1;
    }
    return undefined;
  }

  #matchAt(text: Haystack, start: number, block: number, work: Work): Match | undefined {
    if (work.left < 0) return { start, end: text.length };
    const tree = this.#trees.get(block);
    const pattern = tree && longestAt(tree, text, start, work);
    return pattern === undefined ? undefined : { start, end: start + pattern.length, pattern };
  }

  #countBeginnings(pattern: string, change: 1 | -1): void {
    for (let length = 1; length < WINDOW; length += 1) {
      const beginning = pattern.slice(0, length);
      const count = (this.#beginnings.get(beginning) ?? 0) + change;
      if (count > 0) this.#beginnings.set(beginning, count);
      else this.#beginnings.delete(beginning);
    }
  }
}

/** A number for the three characters before `end`. */
function blockBefore(text: string, end: number): number {
  return blockOf(text.charCodeAt(end - 3), text.charCodeAt(end - 2), text.charCodeAt(end - 1));
}

function blockOf(first: number, second: number, third: number): number {
  const mixed = (first << 10) ^ (second << 5) ^ third;
  return (mixed ^ (mixed >>> 16)) & (TABLE_SIZE - 1);
}
