import type { ClientAnswer, ClientRequest, ClientSession, Exchange } from '@hostler/kernel';
import { errorBytes, errorObject, mayRequireInput } from '@hostler/protocol';
import type { IncomingMessage, MessageId } from '@hostler/protocol';
import { canBeAsked } from '../askable.ts';
import { CallQuestions } from '../call-questions.ts';
import type { Call } from './call.ts';
import type { HttpContext } from './http-context.ts';
import { answerTo } from './incoming.ts';
import type { Ask } from './incoming.ts';
import { screenedAnswer } from '../screened.ts';
import { untilAborted } from '@hostler/secrets';
import { sendNotice } from './notice.ts';

type Question = Extract<IncomingMessage, { kind: 'request' }>;

export interface OpenCall {
  readonly exchange: Exchange;
  /** Absent until it is on its way. */
  readonly call: Call | undefined;
}

export interface QuestionsOptions {
  readonly http: HttpContext;
  /** The headers of the session as it is now. */
  sessionHeaders(): readonly string[];
  /** The calls in flight, oldest first. */
  calls(): readonly OpenCall[];
  /** Fires when the connection is closed. */
  readonly signal: AbortSignal;
}

interface OpenQuestion {
  readonly request: ClientRequest;
  readonly controller: AbortController;
  /** Fires when nobody wants the answer any more. */
  readonly signal: AbortSignal;
  /** The call during which the server asks, once it is known. */
  during: OpenCall | undefined;
}

/** Questions open at a time; a person answers one. */
const MAX_OPEN = 32;
/** Milliseconds for a person to answer outside any call, where no deadline of a call applies. */
const PATIENCE = 10 * 60_000;

/** The questions of a legacy server that are open on one connection. A shared connection answers that it takes none. */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #http: HttpContext;
  readonly #callQuestions: CallQuestions<OpenCall>;
  /** Those that the server may withdraw. */
  readonly #open = new Map<MessageId, OpenQuestion>();

  constructor(options: QuestionsOptions) {
    this.#options = options;
    this.#http = options.http;
    this.#callQuestions = new CallQuestions({
      clock: options.http.clock,
      calls: () => options.calls().filter(({ exchange }) => mayRequireInput(exchange.request.method)),
      hold,
    });
  }

  /** Answers a question on the stream of a call. Never rejects. */
  answerOnCall(question: Question, during: OpenCall): Promise<void> {
    return this.#answer(question, (asked) => this.#askOnCall(asked, during));
  }

  /**
   * Answers a question that the server asked outside any call. Many servers ask there during a call, which is then the
   * place where its client listens. Never rejects.
   */
  answerOutside(question: Question): Promise<void> {
    return this.#answer(question, (asked) => this.#askOutside(asked));
  }

  /** The server no longer wants the answer. */
  withdraw(id: unknown): void {
    if (typeof id !== 'string' && typeof id !== 'number') return;
    this.#open.get(id)?.controller.abort(new DOMException('The server withdrew its question', 'AbortError'));
  }

  /** The call is no longer in flight. */
  callEnded(ended: OpenCall): void {
    for (const { during, controller } of this.#open.values()) {
      if (during === ended) controller.abort(new DOMException('The call has ended', 'AbortError'));
    }
    this.#callQuestions.changed();
  }

  /** Whoever the client is, a server with configured roots hears of those. */
  get #answerRoots(): Ask | undefined {
    const { roots } = this.#http.connect;
    return roots && (() => Promise.resolve({ kind: 'result', result: roots.answer() }));
  }

  async #answer(question: Question, put: (asked: OpenQuestion) => Promise<ClientAnswer>): Promise<void> {
    const { id, method, params } = question;
    if (this.#open.size >= MAX_OPEN) {
      const error = this.#http.failures.overloaded(`${MAX_OPEN} questions at a time`);
      return this.#send(errorBytes(id, errorObject(error)));
    }
    if (method === 'roots/list' && this.#answerRoots) return this.#send(await answerTo(question, this.#answerRoots));
    // Nor can one be asked whose id is in use: nobody could tell which of the two was withdrawn.
    const canAsk = canBeAsked(this.#http.connect.client, method) && !this.#open.has(id);
    if (!canAsk) return this.#send(await answerTo(question, undefined));
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal, this.#options.signal]);
    const asked: OpenQuestion = { request: { method, params }, controller, signal, during: undefined };
    this.#open.set(id, asked);
    const { screen } = this.#http.connect;
    const message = await answerTo(question, async () =>
      screenedAnswer(screen, await untilAborted(signal, put(asked))),
    );
    this.#open.delete(id);
    if (!signal.aborted) await this.#send(message);
  }

  async #askOnCall(asked: OpenQuestion, during: OpenCall): Promise<ClientAnswer> {
    asked.during = during;
    // The time that a person takes is not the server's.
    const resumeDeadline = hold(during);
    const close = this.#callQuestions.open(during);
    try {
      return await during.exchange.ask(asked.request, asked.signal);
    } finally {
      close();
      resumeDeadline();
    }
  }

  async #askOutside(asked: OpenQuestion): Promise<ClientAnswer> {
    const session = this.#http.connect.client?.session;
    if (session === undefined) return this.#askOnCall(asked, await this.#callQuestions.find(asked.signal));
    const latest = this.#options.calls().at(-1);
    return latest ? this.#askOnCall(asked, latest) : this.#askSession(asked, session);
  }

  async #askSession({ request, signal }: OpenQuestion, session: ClientSession): Promise<ClientAnswer> {
    const { clock, failures } = this.#http;
    const patience = new AbortController();
    const stopTimer = clock.after(PATIENCE, () => patience.abort(failures.timeout(false)));
    try {
      return await session.ask(request, AbortSignal.any([signal, patience.signal]));
    } finally {
      stopTimer();
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

function hold({ call }: OpenCall): () => void {
  return call?.hold() ?? (() => {});
}
