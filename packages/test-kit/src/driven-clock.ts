import type { Clock } from '@hostler/kernel';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that passes only when the test says so. */
export class DrivenClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.#now + delay, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Lets the time pass, fires what becomes due in its order, and lets the promises settle that hang on it. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (let next = this.#due(end); next; next = this.#due(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = end;
  }

  #due(end: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
  }
}

/** One turn of the event loop: all promises that can settle have settled. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
