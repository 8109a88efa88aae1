import type { Exchange, HostlerError, Json } from '@hostler/kernel';
import { whenAborted } from '../when-aborted.ts';
import type { Abortable } from '../when-aborted.ts';
import type { CallDeadline } from './call-deadline.ts';
import type { Answer, OpenCall } from './open-calls.ts';

export interface PendingCallOptions {
  readonly id: number;
  readonly method: string;
  readonly exchange?: Exchange | undefined;
  readonly progressToken?: Json | undefined;
}

/** A request in flight and the promise of its answer. One object: closures for each call cost more. */
export class PendingCall implements OpenCall {
  readonly id: number;
  readonly method: string;
  readonly exchange?: Exchange;
  readonly progressToken?: Json;
  deadline?: CallDeadline;
  readonly answer: Promise<Answer>;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: HostlerError) => void;
  #endListening: (() => void) | undefined;
  #isSettled = false;

  constructor({ id, method, exchange, progressToken }: PendingCallOptions) {
    this.id = id;
    this.method = method;
    if (exchange !== undefined) this.exchange = exchange;
    if (progressToken !== undefined) this.progressToken = progressToken;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** @param onAborted called at once when it is over already */
  listen(until: Abortable, onAborted: (reason: unknown) => void): void {
    const end = whenAborted(until, onAborted);
    if (this.#isSettled) end();
    else this.#endListening = end;
  }

  resolve(answer: Answer): void {
    this.#settle();
    this.#resolve(answer);
  }

  reject(error: HostlerError): void {
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.#isSettled = true;
    this.deadline?.end();
    this.#endListening?.();
  }
}
