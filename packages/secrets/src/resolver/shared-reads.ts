import { untilAborted } from '../until-aborted.ts';
import { SharedWork } from './shared-work.ts';

/** One read of each name at a time, shared by all who wait for it. */
export class SharedReads<T> {
  readonly #running = new Map<string, SharedWork<T>>();

  /** Joins the read that is on its way, or starts one. */
  async join(name: string, signal: AbortSignal, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = this.#running.get(name);
    if (running !== undefined && !running.abandoned) return running.join(signal);
    const work: SharedWork<T> = new SharedWork(async (shared) => {
      try {
        return await read(shared);
      } finally {
        if (this.#running.get(name) === work) this.#running.delete(name);
      }
    });
    this.#running.set(name, work);
    return work.join(signal);
  }

  /**
   * Waits for a read that begins after this call: one on its way may bring what was there before. Whoever asks before
   * it begins shares it.
   */
  async renew(name: string, signal: AbortSignal, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
    await untilAborted(signal, this.#running.get(name)?.settled ?? Promise.resolve());
    return this.join(name, signal, read);
  }

  /** Ends all of them. */
  stop(reason: unknown): void {
    for (const work of this.#running.values()) work.stop(reason);
  }
}
