import type { Clock } from '@hostler/kernel';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that passes when a test says so. */
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

  /** Lets the time pass; what becomes due happens in its order, with all that follows from it at once. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (let next = this.#firstDue(end); next; next = this.#firstDue(end)) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.callback();
      await settle();
    }
    this.#now = end;
  }

  #firstDue(end: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
  }
}

/** A turn of the event loop: everything that waits for nothing but other promises has happened. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
