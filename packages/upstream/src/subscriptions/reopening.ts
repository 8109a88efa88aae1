import type { Clock } from '@hostler/kernel';

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
/** A stream that lived this long ended for reasons of its own, such as a proxy's patience: the pauses start anew. */
const HEALTHY = 10_000;

/** How long to wait before a stream that ended is opened again. Half of each pause is random. */
export class Reopening {
  readonly #clock: Clock;
  readonly #random: () => number;
  #failures = 0;
  #openSince: number | undefined;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  opened(): void {
    this.#openSince = this.#clock.now();
  }

  /** @returns milliseconds */
  ended(): number {
    if (this.#openSince !== undefined && this.#clock.now() - this.#openSince >= HEALTHY) this.#failures = 0;
    this.#openSince = undefined;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(this.#failures, 6));
    this.#failures += 1;
    return pause * (0.5 + this.#random() / 2);
  }
}
