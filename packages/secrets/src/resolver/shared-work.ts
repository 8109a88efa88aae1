import { untilAborted } from '../until-aborted.ts';

/** One piece of work that several callers wait for. Each may leave on its own; when the last has left, it is aborted. */
export class SharedWork<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  #waiters = 0;

  /** Whoever builds it joins it in the same turn. */
  constructor(run: (signal: AbortSignal) => Promise<T>) {
    this.#result = run(this.#controller.signal);
  }

  get abandoned(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Resolves when the work is done, however it ends. */
  get settled(): Promise<void> {
    return this.#result.then(ignore, ignore);
  }

  async join(signal: AbortSignal): Promise<T> {
    this.#waiters += 1;
    try {
      return await untilAborted(signal, this.#result);
    } finally {
      this.#waiters -= 1;
      if (this.#waiters === 0) this.stop(signal.reason);
    }
  }

  /** Aborts the work for everyone; without effect when it is done. */
  stop(reason: unknown): void {
    this.#controller.abort(reason);
  }
}

function ignore(): void {}
