import type { Clock } from '@hostler/kernel';

/** Servers whose lists are read at the same time. */
const AT_A_TIME = 16;
/** Milliseconds after which a reading counts no longer: slow servers keep nobody from being read. */
const PLACE_HELD = 500;

/**
 * Lets few lists be read at a time: what comes of 1,000 servers at once is 1.5 s of work in one turn of the event loop, in
 * which nothing else is answered.
 */
export class ReadingTurns {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #free = AT_A_TIME;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In the order in which they come. */
  async take<Result>(read: () => Promise<Result>): Promise<Result> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    let isHeld = true;
    const leave = (): void => {
      if (!isHeld) return;
      isHeld = false;
      // The place goes to the next one; whoever comes in between does not get before it.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
    const cancel = this.#clock.after(PLACE_HELD, leave);
    try {
      return await read();
    } finally {
      cancel();
      leave();
    }
  }
}
