import type { CallRate } from '@hostler/kernel';

/** One rate that a request is counted against, under a name that all who count together give it. */
export interface RateUse {
  readonly key: string;
  readonly rate: CallRate;
  /** Requests that may come at once. */
  readonly burst: number;
}

export interface Counted {
  /** Which of the rates has too little left: then nothing was counted. */
  readonly refused?: number;
  /** For each rate the milliseconds after which nothing of it is used any more. */
  readonly busy: readonly number[];
}

/**
 * Counts requests, as a bucket that fills with each and leaks with time: what is used of a rate becomes less by `count` in
 * `per` milliseconds, and may be `burst` at most.
 */
export interface CallCounter {
  /**
   * Counts a request against all of these, or, when one has too little left, against none. A promise only where something
   * has to be waited for.
   * @throws when it cannot tell
   */
  take(uses: readonly RateUse[]): Counted | Promise<Counted>;
}

/** Milliseconds until a request would be let through. */
export function waitFor({ rate, burst }: RateUse, busy: number): number {
  return busy - ((burst - 1) * rate.per) / rate.count;
}

/** Requests that are let through at once from here on. */
export function leftOf({ rate, burst }: RateUse, busy: number): number {
  // What is used is a whole number of requests but for rounding, and for what has leaked since.
  return Math.max(0, Math.floor(burst - (busy * rate.count) / rate.per + 1e-6));
}
