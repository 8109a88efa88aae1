import type { Clock } from '@hostler/kernel';

/** The time a server has for one call. It stands still while the server waits for a person to answer its question. */
export class CallDeadline {
  readonly #clock: Clock;
  readonly #onPassed: () => void;
  #left: number;
  #runsSince = 0;
  #holds = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, milliseconds: number, onPassed: () => void) {
    this.#clock = clock;
    this.#left = milliseconds;
    this.#onPassed = onPassed;
    this.#run();
  }

  /** Stops the time until the returned function is called. */
  hold(): () => void {
    this.#holds += 1;
    if (this.#holds === 1) this.#stop();
    return () => {
      this.#holds -= 1;
      if (this.#holds === 0 && this.#cancel === undefined && this.#left > 0) this.#run();
    };
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#left = 0;
  }

  #run(): void {
    this.#runsSince = this.#clock.now();
    this.#cancel = this.#clock.after(this.#left, this.#onPassed);
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    // At least a moment stays, so that an answered question cannot find its call out of time.
    if (this.#left > 0) this.#left = Math.max(1_000, this.#left - (this.#clock.now() - this.#runsSince));
  }
}
