import type { Clock } from '@hostler/kernel';
import { upstreamErrors } from './errors.ts';

export interface CallGateOptions {
  readonly server: string;
  readonly clock: Clock;
  /** Calls that run at the same time, over all connections to the server. */
  readonly running: number;
  /** Calls that wait for one of them to end. */
  readonly waiting: number;
  /** Milliseconds for one call, the waiting included. */
  readonly callTimeout: number;
}

interface Waiter {
  readonly enter: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** Lets so many calls to one server run at a time; the others wait in line, bounded in number and in time. */
export class CallGate {
  readonly #options: CallGateOptions;
  /** In the order they came; only while no place is free. */
  readonly #waiting = new Set<Waiter>();
  #running = 0;
  #end: Error | undefined;

  constructor(options: CallGateOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#running > 0;
  }

  /** Takes a place when one is free: the usual case, which costs nothing. */
  tryEnter(): boolean {
    if (this.#running >= this.#options.running) return false;
    this.#running += 1;
    return true;
  }

  /**
   * Waits for a place and takes it.
   * @returns milliseconds that are left of the time for the call
   * @throws UPSTREAM_OVERLOADED, UPSTREAM_TIMEOUT, or the signal's reason
   */
  async enter(signal: AbortSignal): Promise<number> {
    const { clock, callTimeout, server, waiting } = this.#options;
    signal.throwIfAborted();
    if (this.#end) throw this.#end;
    if (this.#waiting.size >= waiting) throw this.#full();
    const begun = clock.now();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { enter: resolve, refuse: reject };
    const leave = (reason: unknown): void => {
      if (this.#waiting.delete(waiter)) reject(reason);
    };
    const onAbort = (): void => leave(signal.reason);
    const cancel = clock.after(callTimeout, () => {
      leave(upstreamErrors.TIMEOUT({ details: { server, mayHaveRun: false } }));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(waiter);
    try {
      await promise;
    } finally {
      cancel();
      signal.removeEventListener('abort', onAbort);
    }
    return Math.max(1, callTimeout - (clock.now() - begun));
  }

  /** Gives the place to whoever has waited longest. */
  leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next.enter();
  }

  /** Nobody is let in any more; those who wait are told so. */
  close(reason: Error): void {
    this.#end ??= reason;
    for (const waiter of this.#waiting) waiter.refuse(this.#end);
    this.#waiting.clear();
  }

  #full(): Error {
    const { server, running, waiting } = this.#options;
    const limit = `${running} calls run and ${waiting} wait`;
    return upstreamErrors.OVERLOADED({ details: { server, limit, mayHaveRun: false, retryAfter: 1 } });
  }
}
