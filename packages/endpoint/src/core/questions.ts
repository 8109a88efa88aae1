import type { ClientAnswer, ClientRequest, Clock } from '@hostler/kernel';
import { notificationBytes, requestBytes } from '@hostler/protocol';
import type { IncomingMessage } from '@hostler/protocol';
import { clientErrors } from '../client-errors.ts';
import { refusal } from './askable.ts';

export type PostedAnswer = Extract<IncomingMessage, { kind: 'result' | 'error' }>;

export interface QuestionsOptions {
  readonly clock: Clock;
  readonly timeout: number;
  readonly maxOpen: number;
}

interface OpenQuestion {
  readonly resolve: (answer: ClientAnswer) => void;
  readonly reject: (reason: unknown) => void;
}

/** The questions that are open at one client, by the ids under which they were sent. */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #open = new Map<number, OpenQuestion>();
  #lastId = 0;
  #ended: Error | undefined;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /**
   * Sends the question and waits.
   * @throws CLIENT_CANNOT_BE_ASKED, CLIENT_DID_NOT_ANSWER, or the signal's reason
   */
  ask(request: ClientRequest, signal: AbortSignal, send: (message: Uint8Array) => boolean): Promise<ClientAnswer> {
    const { method } = request;
    const { clock, timeout, maxOpen } = this.#options;
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#open.size >= maxOpen) return Promise.reject(refusal(method, 'too many questions are open'));
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<ClientAnswer>();
    this.#open.set(id, { resolve, reject });
    const withdraw = (reason: unknown): void => {
      if (this.#open.delete(id)) send(notificationBytes('notifications/cancelled', { requestId: id }));
      reject(reason);
    };
    const onAbort = (): void => withdraw(signal.reason);
    const stopTimer = clock.after(timeout, () => withdraw(clientErrors.DID_NOT_ANSWER({ details: { method } })));
    signal.addEventListener('abort', onAbort, { once: true });
    if (!send(requestBytes(id, method, request.params))) {
      this.#open.delete(id);
      reject(refusal(method, 'it has no stream open on which it could be asked'));
    }
    return promise.finally(() => {
      stopTimer();
      signal.removeEventListener('abort', onAbort);
    });
  }

  /** @returns whether this was awaited: an answer may come after its question was withdrawn. */
  receive(message: PostedAnswer): boolean {
    const question = typeof message.id === 'number' ? this.#open.get(message.id) : undefined;
    if (question === undefined) return false;
    this.#open.delete(message.id as number);
    question.resolve(
      message.kind === 'result' ? { kind: 'result', result: message.result } : { kind: 'error', error: message.error },
    );
    return true;
  }

  /** Gives up every open question, and takes no more. */
  end(reason: Error): void {
    this.#ended = reason;
    for (const { reject } of this.#open.values()) reject(reason);
    this.#open.clear();
  }
}
