import type { Consumer } from '@hostler/kernel';

const MAX_TOKENS = 5_000;
const MAX_AGE = 5 * 60_000;

interface Remembered {
  readonly consumer: Consumer;
  readonly until: number;
  readonly maxAge: number;
}

/**
 * Tokens that were verified, by the hash of all of them, so that the signature of one is not verified with every
 * request. What is forgotten is verified again.
 */
export class RememberedTokens {
  readonly #wallClock: () => number;
  /** In the order in which they came. */
  readonly #tokens = new Map<string, Remembered>();

  constructor(wallClock: () => number) {
    this.#wallClock = wallClock;
  }

  find(digest: string): Consumer | undefined {
    const found = this.#tokens.get(digest);
    if (found === undefined) return undefined;
    const now = this.#wallClock();
    // A wall clock may be set back: an entry that lasts longer than any is as old as one that is over.
    if (now < found.until && found.until - now <= found.maxAge) return found.consumer;
    this.#tokens.delete(digest);
    return undefined;
  }

  /** `goodUntil` in milliseconds since 1970, `maxAge` where that is less than signatures are remembered for. */
  add(digest: string, consumer: Consumer, goodUntil: number, maxAge: number = MAX_AGE): void {
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size >= MAX_TOKENS && oldest !== undefined) this.#tokens.delete(oldest);
    this.#tokens.set(digest, { consumer, until: Math.min(goodUntil, this.#wallClock() + maxAge), maxAge });
  }
}
