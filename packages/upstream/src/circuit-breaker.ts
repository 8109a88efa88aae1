import type { Clock } from '@hostler/kernel';
import { halfRandom, LONGEST_PAUSE } from './growing-pause.ts';

/** So many failures in a row, none of them older than the window, and calls are refused. */
const FAILURES = 5;
const WINDOW = 300_000;
const FIRST_PAUSE = 5_000;

/**
 * Spares callers the wait for a server that fails each call: after 5 failures in a row calls are refused for 5 s, then
 * one is let through as a probe. Its success lets all through again; its failure doubles the pause, up to 60 s. Half of
 * each pause is random.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #random: () => number;
  /** When the failures since the last success happened, the oldest first. */
  #failures: number[] = [];
  #openUntil: number | undefined;
  #pause = FIRST_PAUSE;
  #isProbing = false;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get isOpen(): boolean {
    return this.#openUntil !== undefined;
  }

  /** While it is open: whether this call is let through, to find out how the server is. */
  tryProbe(): boolean {
    if (this.#isProbing || this.retryAfter > 0) return false;
    this.#isProbing = true;
    return true;
  }

  /** The probe is over, whatever came of it: a caller may have left before there was an answer. */
  endProbe(): void {
    this.#isProbing = false;
  }

  /** Milliseconds until a call may be let through. */
  get retryAfter(): number {
    return Math.max(0, (this.#openUntil ?? 0) - this.#clock.now());
  }

  /** What made the calls fail may be over: the next one finds out. */
  endPause(): void {
    if (this.isOpen) this.#openUntil = this.#clock.now();
  }

  /** @returns whether it was open until now */
  succeeded(): boolean {
    if (this.#failures.length === 0) return false;
    const wasOpen = this.isOpen;
    this.#failures = [];
    this.#openUntil = undefined;
    this.#pause = FIRST_PAUSE;
    return wasOpen;
  }

  /** @returns whether it opened because of this */
  failed(): boolean {
    const now = this.#clock.now();
    // Calls that were under way when it opened say nothing new.
    if (this.isOpen && !this.#isProbing) return false;
    this.#failures = [...this.#failures.filter((at) => now - at < WINDOW), now].slice(-FAILURES);
    if (!this.isOpen && this.#failures.length < FAILURES) return false;
    const wasOpen = this.isOpen;
    this.#openUntil = now + halfRandom(this.#pause, this.#random);
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
    return !wasOpen;
  }
}
