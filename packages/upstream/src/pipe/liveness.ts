import type { Clock } from '@hostler/kernel';

export interface LivenessOptions {
  readonly clock: Clock;
  /** Milliseconds of silence before the other end is asked whether it is still there. */
  readonly interval: number;
  /** Milliseconds that it has to answer: as long as one call, since a program may be unable to do two things at once. */
  readonly patience: number;
  readonly ask: () => void;
  /** It did not answer. Called once. */
  readonly onDead: () => void;
}

/** Notices a connection of which only this end is left: nothing tells us when the other machine is gone. */
export class Liveness {
  readonly #options: LivenessOptions;
  #heardAt: number;
  #cancel: () => void;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#heardAt = options.clock.now();
    this.#cancel = this.#arm();
  }

  /** Something came from the other end. */
  heard(): void {
    this.#heardAt = this.#options.clock.now();
  }

  stop(): void {
    this.#cancel();
  }

  #arm(): () => void {
    return this.#options.clock.after(this.#options.interval, () => this.#check());
  }

  #check(): void {
    const { clock, interval, patience, ask, onDead } = this.#options;
    const silent = clock.now() - this.#heardAt;
    if (silent >= interval + patience) return onDead();
    this.#cancel = this.#arm();
    if (silent >= interval) ask();
  }
}
