import type { Exchange, Outcome } from '@hostler/kernel';
import { whenAborted } from '../when-aborted.ts';

/** A call that another process makes for this one, and the promise of its outcome. */
export class RelayedCall {
  readonly exchange: Exchange;
  /** The number of the connection it goes over. */
  readonly connection: number;
  readonly outcome: Promise<Outcome>;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #reject: (reason: Error) => void;
  readonly #onSettled: () => void;
  #endListening: (() => void) | undefined;
  #isSettled = false;

  constructor(exchange: Exchange, connection: number, onSettled: () => void) {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    this.exchange = exchange;
    this.connection = connection;
    this.outcome = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#onSettled = onSettled;
  }

  /** @param onAborted called at once when it is over already */
  listen(onAborted: (reason: unknown) => void): void {
    const end = whenAborted(this.exchange, onAborted);
    if (this.#isSettled) end();
    else this.#endListening = end;
  }

  resolve(outcome: Outcome): void {
    this.#settle();
    this.#resolve(outcome);
  }

  reject(reason: Error): void {
    this.#settle();
    this.#reject(reason);
  }

  #settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#endListening?.();
    this.#onSettled();
  }
}
