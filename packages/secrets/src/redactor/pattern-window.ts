import { addToTree, createTree, deleteFromTree, isOpenAt, longestAt } from './pattern-tree.ts';
import type { Branch, Haystack, Work } from './pattern-tree.ts';

/**
 * Characters, and numbers for them. With three and a quarter of the numbers, most blocks of a text in hexadecimal digits are
 * somewhere in the forms of 2,000 secrets: searching it took six times as long.
 */
const BLOCK = 4;
const TABLE_SIZE = 1 << 18;

export interface Match {
  readonly start: number;
  readonly end: number;
  /** Absent when the search gave up: then the match is all the rest. */
  readonly pattern?: string;
}

/**
 * Finds any of many patterns by looking at text through a window, of which the last characters say how far it may move on
 * at least. The wider it is, the farther it moves: no pattern may be shorter. Source: Wu and Manber (1994).
 */
export class PatternWindow {
  readonly size: number;
  readonly #farthest: number;
  /** How far the window may move when it ends in this block; 0 means: a pattern may begin here. */
  readonly #moves: Uint8Array;
  /** Patterns by the block at the end of their first window. */
  readonly #trees = new Map<number, Branch>();

  constructor(size: number) {
    this.size = size;
    this.#farthest = size - BLOCK + 1;
    this.#moves = new Uint8Array(TABLE_SIZE).fill(this.#farthest);
  }

  add(pattern: string): void {
    for (let place = BLOCK; place <= this.size; place += 1) {
      const block = blockBefore(pattern, place);
      this.#moves[block] = Math.min(this.#moves[block] ?? this.#farthest, this.size - place);
    }
    const block = blockBefore(pattern, this.size);
    const tree = this.#trees.get(block);
    if (tree === undefined) this.#trees.set(block, createTree(pattern));
    else addToTree(tree, pattern);
  }

  /** Moves stay short where this pattern made them so: slower by a little, never wrong. */
  delete(pattern: string): void {
    const block = blockBefore(pattern, this.size);
    const tree = this.#trees.get(block);
    if (tree !== undefined && !deleteFromTree(tree, pattern)) this.#trees.delete(block);
  }

  nextInText(text: string, from: number, work: Work): Match | undefined {
    const { length } = text;
    const moves = this.#moves;
    let end = from + this.size;
    while (end <= length) {
      const block = blockBefore(text, end);
      const move = moves[block] as number;
      if (move > 0) {
        end += move;
        continue;
      }
      const match = this.#matchAt(text, end - this.size, block, work);
      if (match !== undefined) return match;
      end += 1;
    }
    return undefined;
  }

  /** The same loop once more: one that reads both kinds of text is several times slower. */
  nextInBytes(bytes: Uint8Array, from: number, work: Work): Match | undefined {
    const { length } = bytes;
    const moves = this.#moves;
    let end = from + this.size;
    while (end <= length) {
      const block = blockOf(
        bytes[end - 4] as number,
        bytes[end - 3] as number,
        bytes[end - 2] as number,
        bytes[end - 1] as number,
      );
      const move = moves[block] as number;
      if (move > 0) {
        end += move;
        continue;
      }
      const match = this.#matchAt(bytes, end - this.size, block, work);
      if (match !== undefined) return match;
      end += 1;
    }
    return undefined;
  }

  /** The first place from which all the rest of the text is the beginning of a longer pattern, as far as a window reaches. */
  firstOpen(text: string, work: Work): number | undefined {
    let end = this.size;
    while (end <= text.length && work.left > 0) {
      const block = blockBefore(text, end);
      const move = this.#moves[block] ?? this.#farthest;
      const tree = move === 0 ? this.#trees.get(block) : undefined;
      if (tree !== undefined && isOpenAt(tree, text, end - this.size, work)) return end - this.size;
      end += Math.max(move, 1);
    }
    return undefined;
  }

  #matchAt(text: Haystack, start: number, block: number, work: Work): Match | undefined {
    if (work.left < 0) return { start, end: text.length };
    const tree = this.#trees.get(block);
    const pattern = tree && longestAt(tree, text, start, work);
    return pattern === undefined ? undefined : { start, end: start + pattern.length, pattern };
  }
}

/** A number for the block before `end`. */
function blockBefore(text: string, end: number): number {
  return blockOf(
    text.charCodeAt(end - 4),
    text.charCodeAt(end - 3),
    text.charCodeAt(end - 2),
    text.charCodeAt(end - 1),
  );
}

function blockOf(first: number, second: number, third: number, fourth: number): number {
  const mixed = (first << 15) ^ (second << 10) ^ (third << 5) ^ fourth;
  return (mixed ^ (mixed >>> 18)) & (TABLE_SIZE - 1);
}
