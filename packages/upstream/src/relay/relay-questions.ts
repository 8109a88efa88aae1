import type { ClientAnswer, ClientRequest, HostlerError } from '@hostler/kernel';
import { fromWords } from './error-words.ts';
import type { FromOwner, FromUser } from './relay-messages.ts';

type Asked = Extract<FromOwner, { kind: 'asked' | 'askedAlone' }>;
/** Which call or connection it belongs to. */
export type QuestionPlace =
  | { readonly kind: 'asked'; readonly call: number }
  | { readonly kind: 'askedAlone'; readonly connection: number };

/** Questions of servers that the clients of another process are asked. */
export class RelayQuestions {
  readonly #send: (message: FromOwner) => void;
  readonly #open = new Map<number, PromiseWithResolvers<ClientAnswer>>();
  #last = 0;

  constructor(send: (message: FromOwner) => void) {
    this.#send = send;
  }

  /** @param signal the server no longer wants the answer */
  async ask(place: QuestionPlace, request: ClientRequest, signal: AbortSignal | undefined): Promise<ClientAnswer> {
    signal?.throwIfAborted();
    this.#last += 1;
    const question = this.#last;
    const answered = Promise.withResolvers<ClientAnswer>();
    const withdraw = (): void => {
      this.#send({ kind: 'withdrawn', question });
      answered.reject(signal?.reason);
    };
    this.#open.set(question, answered);
    signal?.addEventListener('abort', withdraw, { once: true });
    try {
      this.#send({ ...place, question, request } as Asked);
      return await answered.promise;
    } finally {
      signal?.removeEventListener('abort', withdraw);
      this.#open.delete(question);
    }
  }

  settle(message: Extract<FromUser, { question: number }>): void {
    const asked = this.#open.get(message.question);
    if (message.kind === 'answer') asked?.resolve(message.answer);
    else asked?.reject(fromWords(message.error));
  }

  close(reason: HostlerError): void {
    for (const asked of this.#open.values()) asked.reject(reason);
  }
}
