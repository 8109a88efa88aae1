/** Every pattern is at least this long; the search looks at text through a window of this length. */
const WINDOW = 8;
const BLOCK = 3;
const FARTHEST = WINDOW - BLOCK + 1;
const TABLE_SIZE = 1 << 16;

export interface Match {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds any of many texts in one pass. Wu and Manber's method (1994): the last characters of the window say how far
 * it may move on at least, so that most of the text is never looked at, and the memory does not grow with the length
 * of the patterns as that of an automaton does.
 */
export class PatternSet {
  /** How far the window may move when it ends in this block; 0 means: a pattern may begin here. */
  readonly #moves = new Uint8Array(TABLE_SIZE).fill(FARTHEST);
  /** Patterns by the block at the end of their first window, longest first. */
  readonly #candidates = new Map<number, string[]>();
  /** The first 1 to 7 characters of patterns, with the number of patterns that begin so. */
  readonly #beginnings = new Map<string, number>();

  add(pattern: string): void {
    for (let place = BLOCK; place <= WINDOW; place += 1) {
      const block = blockBefore(pattern, place);
      this.#moves[block] = Math.min(this.#moves[block] ?? FARTHEST, WINDOW - place);
    }
    this.#countBeginnings(pattern, 1);
    const block = blockBefore(pattern, WINDOW);
    const candidates = this.#candidates.get(block) ?? [];
    const place = candidates.findIndex((candidate) => candidate.length < pattern.length);
    candidates.splice(place < 0 ? candidates.length : place, 0, pattern);
    this.#candidates.set(block, candidates);
  }

  /** Moves stay short where this pattern made them so: slower by a little, never wrong. */
  delete(pattern: string): void {
    this.#countBeginnings(pattern, -1);
    const block = blockBefore(pattern, WINDOW);
    const rest = (this.#candidates.get(block) ?? []).filter((candidate) => candidate !== pattern);
    if (rest.length > 0) this.#candidates.set(block, rest);
    else this.#candidates.delete(block);
  }

  /** The first match that begins at `from` or later; of several that begin there, the longest. */
  next(text: string, from: number): Match | undefined {
    let end = from + WINDOW;
    while (end <= text.length) {
      const block = blockBefore(text, end);
      const move = this.#moves[block] ?? FARTHEST;
      if (move > 0) {
        end += move;
        continue;
      }
      const start = end - WINDOW;
      const pattern = this.#candidates.get(block)?.find((candidate) => text.startsWith(candidate, start));
      if (pattern !== undefined) return { start, end: start + pattern.length };
      end += 1;
    }
    return undefined;
  }

  /** The first place from which all the rest of the text is the beginning of a longer pattern; else the text's end. */
  firstOpen(text: string): number {
    let end = WINDOW;
    while (end <= text.length) {
      const block = blockBefore(text, end);
      const move = this.#moves[block] ?? FARTHEST;
      if (move === 0 && this.#isOpen(text, end - WINDOW, block)) return end - WINDOW;
      end += Math.max(move, 1);
    }
    for (let start = Math.max(0, text.length - WINDOW + 1); start < text.length; start += 1) {
      if (this.#beginnings.has(text.slice(start))) return start;
    }
    return text.length;
  }

  #countBeginnings(pattern: string, change: 1 | -1): void {
    for (let length = 1; length < WINDOW; length += 1) {
      const beginning = pattern.slice(0, length);
      const count = (this.#beginnings.get(beginning) ?? 0) + change;
      if (count > 0) this.#beginnings.set(beginning, count);
      else this.#beginnings.delete(beginning);
    }
  }

  #isOpen(text: string, start: number, block: number): boolean {
    const candidates = this.#candidates.get(block);
    if (candidates === undefined) return false;
    const length = text.length - start;
    return candidates.some((candidate) => candidate.length > length && candidate.startsWith(text.slice(start)));
  }
}

/** A number for the three characters before `end`. */
function blockBefore(text: string, end: number): number {
  const mixed = (text.charCodeAt(end - 3) << 10) ^ (text.charCodeAt(end - 2) << 5) ^ text.charCodeAt(end - 1);
  return (mixed ^ (mixed >>> 16)) & (TABLE_SIZE - 1);
}
