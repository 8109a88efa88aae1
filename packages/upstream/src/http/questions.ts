import type { ClientAnswer, ClientRequest, Exchange } from '@hostler/kernel';
import { errorBytes, errorObject } from '@hostler/protocol';
import type { IncomingMessage, MessageId } from '@hostler/protocol';
import type { Call } from './call.ts';
import type { HttpContext } from './http-context.ts';
import { answerTo, canBeAsked } from './incoming.ts';
import type { Ask } from './incoming.ts';
import { sendNotice } from './notice.ts';

type Question = Extract<IncomingMessage, { kind: 'request' }>;

export interface OpenCall {
  readonly call: Call;
  readonly exchange: Exchange;
}

export interface QuestionsOptions {
  readonly http: HttpContext;
  /** The headers of the session as it is now. */
  sessionHeaders(): readonly string[];
  /** Fires when the connection is closed. */
  readonly signal: AbortSignal;
}

/** Questions open at a time; a person answers one. */
const MAX_OPEN = 32;
/** Milliseconds for a person to answer outside any call, where no deadline of a call applies. */
const PATIENCE = 10 * 60_000;

/** The questions of a legacy server that are open on one connection. A shared connection answers that it takes none. */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #http: HttpContext;
  /** Questions outside any call, which the server may withdraw. */
  readonly #outside = new Map<MessageId, AbortController>();
  #open = 0;

  constructor(options: QuestionsOptions) {
    this.#options = options;
    this.#http = options.http;
  }

  /** Answers a question on the stream of a call. Never rejects. */
  async answerOnCall(question: Question, call: Call, exchange: Exchange): Promise<void> {
    const ask: Ask = async (request) => {
      // The time that a person takes is not the server's.
      const resumeDeadline = call.hold();
      try {
        return await exchange.ask(request);
      } finally {
        resumeDeadline();
      }
    };
    const canAsk = canBeAsked(this.#http.connect.client, question.method);
    await this.#answer(question, canAsk ? ask : undefined, () => !call.settled);
  }

  /**
   * Answers a question that the server asked outside any call. Many servers ask there during a call, which is then the
   * place where its client listens. Never rejects.
   */
  async answerOutside(question: Question, during: OpenCall | undefined): Promise<void> {
    if (during !== undefined) return this.answerOnCall(question, during.call, during.exchange);
    const { id } = question;
    const controller = new AbortController();
    const { client } = this.#http.connect;
    const canAsk = canBeAsked(client, question.method) && client.session !== undefined && !this.#outside.has(id);
    const ask: Ask = (request) => this.#askSession(request, id, controller);
    const isWanted = () => !controller.signal.aborted && !this.#options.signal.aborted;
    await this.#answer(question, canAsk ? ask : undefined, isWanted);
  }

  /** The server no longer wants the answer to a question that it asked outside any call. */
  withdraw(id: unknown): void {
    if (typeof id === 'string' || typeof id === 'number') this.#outside.get(id)?.abort();
  }

  async #answer(question: Question, ask: Ask | undefined, isWanted: () => boolean): Promise<void> {
    if (this.#open >= MAX_OPEN) {
      const error = this.#http.failures.overloaded(`${MAX_OPEN} questions at a time`);
      return this.#send(errorBytes(question.id, errorObject(error)));
    }
    this.#open++;
    const message = await answerTo(question, ask);
    this.#open--;
    if (isWanted()) await this.#send(message);
  }

  async #askSession(request: ClientRequest, id: MessageId, controller: AbortController): Promise<ClientAnswer> {
    const { clock, failures, connect } = this.#http;
    const session = connect.client?.session;
    if (session === undefined) throw failures.unavailable('The client cannot be asked.', false);
    this.#outside.set(id, controller);
    const patience = new AbortController();
    const stopTimer = clock.after(PATIENCE, () => patience.abort(failures.timeout(false)));
    try {
      const signal = AbortSignal.any([controller.signal, patience.signal, this.#options.signal]);
      return await session.ask(request, signal);
    } finally {
      stopTimer();
      this.#outside.delete(id);
    }
  }

  async #send(body: Uint8Array): Promise<void> {
    try {
      const headers = this.#options.sessionHeaders();
      await sendNotice(this.#http, { method: 'POST', headers, body, lane: 'streams' });
    } catch (error) {
      const { log, spec } = this.#http.connect;
      log.warn({ server: spec.name, error }, 'the server did not take the answer to its question');
    }
  }
}
