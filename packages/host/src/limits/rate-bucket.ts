import type { CallRate } from '@hostler/kernel';

/** What may come at once is what this many milliseconds are worth. */
const BURST_TIME = 5_000;
/** But not less than a client needs to begin with, which asks for every list there is. */
const LEAST_BURST = 10;

/** Whole calls, and never more than the number that is written. */
export function burstOf({ count, per }: CallRate): number {
  return Math.min(count, Math.max(LEAST_BURST, Math.floor((count * BURST_TIME) / per)));
}

const UNITS: Readonly<Record<number, string>> = { 1_000: 'a second', 60_000: 'a minute', 3_600_000: 'an hour' };

export function rateText({ count, per }: CallRate): string {
  return `${count} in ${UNITS[per] ?? `${per} ms`}`;
}

/**
 * A token bucket that needs no timer: what is used up becomes less as time passes, and is looked at when a call comes. It
 * is counted in units of which a call uses `per` and a millisecond frees `count`, so that no fraction is ever rounded.
 */
export class RateBucket {
  #rate: CallRate;
  #burst: number;
  #used = 0;
  #seen: number;

  constructor(rate: CallRate, now: number, burst = burstOf(rate)) {
    this.#rate = rate;
    this.#burst = burst;
    this.#seen = now;
  }

  /** Whether it is of this rate. */
  is({ count, per }: CallRate, burst: number): boolean {
    return count === this.#rate.count && per === this.#rate.per && burst === this.#burst;
  }

  /** @returns milliseconds until there is room for so many calls; not above 0 when there is */
  wait(now: number, calls = 1): number {
    this.#free(now);
    const { per, count } = this.#rate;
    return (this.#used + calls * per - this.#burst * per) / count;
  }

  /** Counts calls, also above what there is room for. */
  add(calls = 1): void {
    this.#used = Math.min(this.#used + calls * this.#rate.per, this.#burst * this.#rate.per);
  }

  /** Calls that are let through at once from here on. */
  left(): number {
    return Math.floor(this.#burst - this.#used / this.#rate.per);
  }

  /** Milliseconds after which nothing is used any more. */
  busy(): number {
    return this.#used / this.#rate.count;
  }

  /** Another rate from now on; what was used up stays so, as far as the new one goes. */
  change(rate: CallRate, now: number, burst = burstOf(rate)): void {
    this.#free(now);
    const taken = this.#used / this.#rate.per;
    this.#rate = rate;
    this.#burst = burst;
    this.#used = Math.min(taken, this.#burst) * rate.per;
  }

  #free(now: number): void {
    this.#used = Math.max(0, this.#used - (now - this.#seen) * this.#rate.count);
    this.#seen = now;
  }
}
