import type { Clock } from '@hostler/kernel';
import { growingPause, halfRandom, LONGEST_PAUSE } from './growing-pause.ts';

/** So many crashes within the window, and only the longest delay is used. */
const CRASHES = 5;
const WINDOW = 120_000;

/**
 * When a server that failed is tried again: after 1 s, then twice as long each time, up to 60 s; after 5 crashes in
 * 2 minutes always 60 s, until it has stayed up for 2 minutes. Half of each delay is random.
 */
export class RestartSchedule {
  readonly #clock: Clock;
  readonly #random: () => number;
  #failures = 0;
  #crashes: number[] = [];
  #isOpen = false;
  #upSince: number | undefined;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** It crashed too often: until it has stayed up for long enough, each attempt is but a probe. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  succeeded(): void {
    this.#upSince = this.#clock.now();
  }

  /**
   * @param crashed false when the server itself is not to blame, as when a secret is missing
   * @returns milliseconds until the next attempt
   */
  failed(crashed = true): number {
    const now = this.#clock.now();
    if (this.#upSince !== undefined && now - this.#upSince >= WINDOW) {
      this.#failures = 0;
      this.#isOpen = false;
    }
    this.#upSince = undefined;
    this.#failures += 1;
    this.#crashes = this.#crashes.filter((at) => now - at < WINDOW);
    if (crashed) this.#crashes.push(now);
    if (this.#crashes.length >= CRASHES) this.#isOpen = true;
    return this.#isOpen ? halfRandom(LONGEST_PAUSE, this.#random) : growingPause(this.#failures - 1, this.#random);
  }
}
