import type { HostlerError } from '@hostler/kernel';

/** What may be given up once, for a reason: the part of an `Exchange` that everybody who waits listens to. */
export class Cancellable {
  #controller: AbortController | undefined;
  /** The first to listen, which is mostly the only one. */
  #onAborted: ((reason: unknown) => void) | undefined;
  #reason: HostlerError | undefined;

  get cancelled(): boolean {
    return this.#reason !== undefined;
  }

  /** Most requests end without anybody listening, so there is no signal until somebody looks. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** @returns ends it */
  whenAborted(listener: (reason: unknown) => void): () => void {
    if (this.#reason !== undefined) {
      listener(this.#reason);
      return nothing;
    }
    if (this.#onAborted === undefined) {
      this.#onAborted = listener;
      return () => {
        if (this.#onAborted === listener) this.#onAborted = undefined;
      };
    }
    const { signal } = this;
    const onAbort = (): void => listener(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  cancel(reason: HostlerError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const listener = this.#onAborted;
    this.#onAborted = undefined;
    listener?.(reason);
    this.#controller?.abort(reason);
  }
}

function nothing(): void {}
