import { isJsonObject } from '@hostler/kernel';
import type {
  ClientAnswer,
  ClientRequest,
  Consumer,
  HostlerError,
  JsonObject,
  Notification,
  Outcome,
} from '@hostler/kernel';
import type { MessageId } from '@hostler/protocol';
import { clientErrors } from '../client-errors.ts';
import { errorAnswer, outcomeAnswer } from './answers.ts';
import { refusal, requireAskable } from './askable.ts';
import type { ClientExchange } from './client-exchange.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { inputRequired, modernQuestion } from './input-required.ts';
import { KeptNotifications } from './kept-notifications.ts';
import type { Parkable } from './parked-calls.ts';
import type { Answer, Reply } from './reply.ts';
import { readdressed } from './readdressed.ts';

interface OpenQuestion {
  readonly request: ClientRequest;
  readonly resolve: (answer: ClientAnswer) => void;
  readonly reject: (reason: unknown) => void;
}

/** The request of the client that is to be answered next. */
interface Attending {
  readonly exchange: ClientExchange;
  /** @param isResult whether the call came to a result */
  readonly release: (isResult: boolean) => void;
}

interface Ending {
  readonly isResult: boolean;
  readonly bytes: number;
  answerTo(id: MessageId): Answer;
}

/** Milliseconds in which further questions join the first: servers ask in one go, but their messages come one by one. */
const GATHERING = 20;

/**
 * A call of a modern client to a server that asks in the middle of it, as those of the legacy era do. The call goes on
 * while the client, who can answer only with a new request, is away: each of its requests attends to the call for a
 * while, and is answered with questions or with what the call came to. Source: MCP 2026-07-28, basic/patterns/mrtr.
 */
export class AskingCall implements Parkable {
  readonly #parts: EndpointParts;
  /** The request with which the call began: what the host and the server know of. */
  readonly #first: ClientExchange;
  readonly #open = new Map<string, OpenQuestion>();
  readonly #kept = new KeptNotifications();
  #attending: Attending | undefined;
  #ending: Ending | undefined;
  #endingHeld: (() => void) | undefined;
  /** Takes it out of the parked calls. */
  #leave: (() => void) | undefined;
  #stopGathering: (() => void) | undefined;
  #isOver = false;
  #lastKey = 0;
  #rounds = 0;
  /** As it has last proved to be: a token may have been renewed while the client was away. */
  #consumer: Consumer;

  constructor(parts: EndpointParts, first: ClientExchange) {
    this.#parts = parts;
    this.#first = first;
    this.#consumer = first.consumer;
    first.asking = this;
  }

  get consumer(): Consumer {
    return this.#consumer;
  }

  /** Where it is answered; undefined while its client is away. */
  get reply(): Reply | undefined {
    return this.#attending?.exchange.reply;
  }

  /** Runs the call to its end. Never rejects. */
  async run(dispatch: () => Promise<Outcome>): Promise<void> {
    const { id: requestId } = this.#first;
    try {
      const outcome = await dispatch();
      this.#end({
        isResult: outcome.kind === 'result',
        bytes: outcome.payload.bytes().length,
        answerTo: (id) => outcomeAnswer(id, outcome),
      });
    } catch (thrown) {
      const answerTo = (id: MessageId): Answer => errorAnswer(this.#parts, thrown, { id, requestId, era: 'modern' });
      this.#end({ isResult: false, bytes: 0, answerTo });
    }
  }

  /**
   * Goes on for this request, which brings answers. Settles when it is answered: whether with a result of the call. Never
   * rejects.
   */
  attend(exchange: ClientExchange, answers: JsonObject): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#leave = undefined;
    this.#consumer = exchange.consumer;
    this.#attending = { exchange, release: resolve };
    exchange.onCancel = (reason) => this.#abandon(reason);
    for (const notification of this.#kept.take()) this.notify(notification);
    this.#receive(answers);
    if (this.#ending) this.#finish(this.#attending, this.#ending);
    // What was left unanswered is asked again.
    else this.#gather();
    return promise;
  }

  notify(notification: Notification): void {
    if (this.#attending === undefined) {
      if (!this.#isOver) this.#kept.add(notification);
      return;
    }
    const { exchange } = this.#attending;
    const sent = exchange === this.#first ? notification : readdressed(notification, exchange.request);
    if (sent) exchange.deliver(sent);
  }

  /** @throws CLIENT_CANNOT_BE_ASKED, CLIENT_DID_NOT_COME_BACK, or a signal's reason */
  async ask(request: ClientRequest, signal?: AbortSignal): Promise<ClientAnswer> {
    const { limits, states } = this.#parts;
    const { method } = request;
    signal?.throwIfAborted();
    if (this.#isOver || this.#ending) throw clientErrors.GONE();
    requireAskable(this.#first.client, request);
    if (this.#open.size >= limits.questionsPerSession) throw refusal(method, 'too many questions are open');
    const release = states.parked.hold(this.consumer.name, Buffer.byteLength(JSON.stringify(request)));
    if (release === undefined) throw refusal(method, 'too much waits for answers');
    const key = `${method.split('/')[0]}-${++this.#lastKey}`;
    const { promise, resolve, reject } = Promise.withResolvers<ClientAnswer>();
    this.#open.set(key, { request, resolve, reject });
    const withdraw = (): void => {
      this.#open.delete(key);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', withdraw, { once: true });
    this.#gather();
    return promise.finally(() => {
      release();
      signal?.removeEventListener('abort', withdraw);
    });
  }

  giveUp(reason: HostlerError): void {
    this.#isOver = true;
    this.#endingHeld?.();
    this.#ending = undefined;
    this.#closeQuestions(reason);
  }

  cancel(reason: HostlerError): void {
    this.#first.cancel(reason);
  }

  #receive(answers: JsonObject): void {
    for (const [key, question] of this.#open) {
      const result = Object.hasOwn(answers, key) ? answers[key] : undefined;
      if (!isJsonObject(result)) continue;
      this.#open.delete(key);
      question.resolve({ kind: 'result', result });
    }
  }

  #gather(): void {
    if (this.#attending === undefined || this.#open.size === 0) return;
    this.#stopGathering ??= this.#parts.clock.after(GATHERING, () => void this.#putQuestions());
  }

  /** Answers the attending request with every question that is open. */
  async #putQuestions(): Promise<void> {
    const { limits, serverInfos, states } = this.#parts;
    const first = this.#first;
    const serverInfo = await serverInfos.of(first, first.client);
    this.#stopGathering = undefined;
    if (this.#attending === undefined) return;
    const { exchange, release } = this.#attending;
    this.#refuseUndeclared(exchange);
    if (this.#open.size === 0) return;
    if (this.#rounds >= limits.inputRounds) return this.#refuseAll(`it was asked ${limits.inputRounds} times already`);
    const place = states.park(this, exchange);
    if (place === undefined) return this.#refuseAll('too many calls wait for answers');
    this.#rounds += 1;
    this.#leave = place.leave;
    this.#attending = undefined;
    const inputRequests = Object.fromEntries(
      [...this.#open].map(([key, { request }]) => [key, modernQuestion(request)]),
    );
    exchange.reply.finish(inputRequired(exchange.reply.id, { inputRequests, requestState: place.text, serverInfo }));
    release(false);
  }

  /** Each request says anew what its client can be asked. */
  #refuseUndeclared({ client }: ClientExchange): void {
    for (const [key, { request, reject }] of this.#open) {
      try {
        requireAskable(client, request);
      } catch (thrown) {
        this.#open.delete(key);
        reject(thrown);
      }
    }
  }

  #refuseAll(reason: string): void {
    for (const { request, reject } of this.#open.values()) reject(refusal(request.method, reason));
    this.#open.clear();
  }

  #end(ending: Ending): void {
    this.#closeQuestions(clientErrors.GONE());
    if (this.#attending) return this.#finish(this.#attending, ending);
    if (!this.#isOver) this.#endingHeld = this.#parts.states.parked.hold(this.consumer.name, ending.bytes);
    if (this.#endingHeld) this.#ending = ending;
    // Nobody will come for it, or it is too large to be kept until somebody does.
    else this.#leave?.();
  }

  #finish({ exchange, release }: Attending, ending: Ending): void {
    this.#attending = undefined;
    this.#isOver = true;
    this.#endingHeld?.();
    const answer = ending.answerTo(exchange.reply.id);
    this.#first.settle();
    exchange.settle();
    exchange.reply.finish(answer);
    release(ending.isResult);
  }

  /** The client gave up the request that was to be answered, and with it the call. */
  #abandon(reason: HostlerError): void {
    const attending = this.#attending;
    this.#attending = undefined;
    this.giveUp(reason);
    this.#first.cancel(reason);
    attending?.release(false);
  }

  #closeQuestions(reason: HostlerError): void {
    this.#stopGathering?.();
    this.#stopGathering = undefined;
    for (const { reject } of this.#open.values()) reject(reason);
    this.#open.clear();
  }
}
