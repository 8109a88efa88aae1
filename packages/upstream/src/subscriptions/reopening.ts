import type { Clock } from '@hostler/kernel';
import { growingPause } from '../growing-pause.ts';

/** A stream that lived this long ended for reasons of its own, such as a proxy's patience: the pauses start anew. */
const HEALTHY = 10_000;

/** How long to wait before a stream that ended is opened again. */
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
    const pause = growingPause(this.#failures, this.#random);
    this.#failures += 1;
    return pause;
  }
}
