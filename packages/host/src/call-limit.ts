import type { CallLimitSpec, CallRate, Clock } from '@hostler/kernel';
import { limitErrors } from './errors.ts';

/** What one consumer has left of its calls, over all its clients together. */
export interface CallLimit {
  /**
   * Counts a call.
   * @param takesPlace whether it is one of those that run at the same time: then `leave` has to follow, once
   * @throws LIMIT_EXCEEDED: then nothing was counted
   */
  enter(takesPlace: boolean): void;
  /** A call that took a place has come to its end. */
  leave(): void;
  /** Other limits from now on; what was used up and what runs stays counted. */
  change(spec: CallLimitSpec): void;
}

/** What may come at once is what this many milliseconds are worth. */
const BURST_TIME = 5_000;
/** But not less than a client needs to begin with, which asks for every list there is. */
const LEAST_BURST = 10;
/** Seconds after which a place may be free again: nobody knows. */
const PLACE_RETRY = 1;

export function createCallLimit(spec: CallLimitSpec, clock: Pick<Clock, 'now'>): CallLimit {
  return new CountedCalls(spec, clock);
}

/**
 * A token bucket that needs no timer: what is used up becomes less as time passes, and is looked at when a call comes. It
 * is counted in units of which a call uses `per` and a millisecond frees `count`, so that no fraction is ever rounded.
 */
class CountedCalls implements CallLimit {
  readonly #clock: Pick<Clock, 'now'>;
  #spec: CallLimitSpec;
  #used = 0;
  #seen: number;
  #running = 0;

  constructor(spec: CallLimitSpec, clock: Pick<Clock, 'now'>) {
    this.#spec = spec;
    this.#clock = clock;
    this.#seen = clock.now();
  }

  enter(takesPlace: boolean): void {
    const { calls, concurrent = Number.POSITIVE_INFINITY } = this.#spec;
    if (takesPlace && this.#running >= concurrent) throw exceeded(`${concurrent} at a time`, PLACE_RETRY);
    if (calls !== undefined) this.#use(calls);
    if (takesPlace) this.#running += 1;
  }

  leave(): void {
    this.#running -= 1;
  }

  change(spec: CallLimitSpec): void {
    const before = this.#spec.calls;
    const { calls } = spec;
    this.#spec = spec;
    this.#free(before);
    const taken = before === undefined ? 0 : this.#used / before.per;
    this.#used = calls === undefined ? 0 : Math.min(taken, burstOf(calls)) * calls.per;
  }

  #use(rate: CallRate): void {
    this.#free(rate);
    const over = this.#used + rate.per - burstOf(rate) * rate.per;
    if (over > 0) throw exceeded(rateText(rate), Math.ceil(over / rate.count / 1_000));
    this.#used += rate.per;
  }

  #free(rate: CallRate | undefined): void {
    const now = this.#clock.now();
    if (rate !== undefined) this.#used = Math.max(0, this.#used - (now - this.#seen) * rate.count);
    this.#seen = now;
  }
}

/** Whole calls, and never more than the number that is written. */
function burstOf({ count, per }: CallRate): number {
  return Math.min(count, Math.max(LEAST_BURST, Math.floor((count * BURST_TIME) / per)));
}

const UNITS: Readonly<Record<number, string>> = { 1_000: 'a second', 60_000: 'a minute', 3_600_000: 'an hour' };

function rateText({ count, per }: CallRate): string {
  return `${count} in ${UNITS[per] ?? `${per} ms`}`;
}

function exceeded(limit: string, retryAfter: number): Error {
  return limitErrors.EXCEEDED({ details: { limit, retryAfter, mayHaveRun: false } });
}
