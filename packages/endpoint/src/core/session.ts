import { isJsonObject } from '@hostler/kernel';
import type {
  Client,
  ClientAnswer,
  ClientRequest,
  ClientSession,
  HostlerError,
  JsonObject,
  Notification,
} from '@hostler/kernel';
import { notificationBytes, passesLevel, RequestTable } from '@hostler/protocol';
import type { MessageId } from '@hostler/protocol';
import { requireAskable } from './askable.ts';
import type { ClientExchange } from './client-exchange.ts';
import type { Caller, EndpointParts } from './endpoint-parts.ts';
import { Questions } from './questions.ts';
import type { PostedAnswer } from './questions.ts';
import type { Outlet } from './reply.ts';

export interface SessionOptions {
  readonly id: string;
  readonly caller: Caller;
  readonly client: Omit<Client, 'session'>;
}

/** What a legacy client and we know of each other between its requests. */
export class Session implements ClientSession {
  readonly id: string;
  /** Whose it is, as they have last proved to be: a token may have been renewed since. */
  caller: Caller;
  readonly client: Client;
  readonly inFlight = new RequestTable<ClientExchange>();
  /** Absent until the client set one: then servers decide. */
  logLevel: string | undefined;
  /** Whether its `initialize` is answered. */
  ready = false;
  /** Whether what servers held for it alone was let go, because the client was silent. */
  isResting = false;
  /** When the client was last heard of, by the clock. */
  lastUsed: number;
  readonly #questions: Questions;
  #outlet: Outlet | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor({ limits, clock }: EndpointParts, { id, caller, client }: SessionOptions) {
    this.id = id;
    this.caller = caller;
    this.client = { ...client, session: this };
    this.lastUsed = clock.now();
    this.#questions = new Questions({ clock, timeout: limits.askTimeout, maxOpen: limits.questionsPerSession });
  }

  /** Nothing of it is under way, and nobody listens. */
  get isIdle(): boolean {
    return this.ready && this.#outlet === undefined && this.inFlight.size === 0;
  }

  /** Makes this the channel for what belongs to no request. */
  attach(outlet: Outlet): void {
    this.closeOutlet();
    this.#outlet = outlet;
  }

  closeOutlet(): void {
    const outlet = this.#outlet;
    this.#outlet = undefined;
    outlet?.end();
  }

  /** Does nothing when another channel has taken its place. */
  detach(outlet: Outlet): void {
    if (this.#outlet === outlet) this.#outlet = undefined;
  }

  notify({ method, params }: Notification): void {
    if (method === 'notifications/message' && !this.wantsLog(params)) return;
    this.deliver(notificationBytes(method, params));
  }

  /** Sends a message that belongs to no request: on the session's own stream, else on one that is open for a request. */
  deliver(message: Uint8Array): boolean {
    return this.#outlet?.send(message) === true || this.#sendOnReply(message, ({ streaming }) => streaming);
  }

  async ask(request: ClientRequest, signal: AbortSignal): Promise<ClientAnswer> {
    requireAskable(this.client, request);
    return this.#questions.ask(
      request,
      signal,
      // An answer that is still to come may become a stream for a question; for a mere notification it would not.
      (message) => this.deliver(message) || this.#sendOnReply(message, () => true),
    );
  }

  /** Asks on the stream of the request that caused the question. Source: MCP 2025-11-25, basic/transports. */
  async askThrough(reply: Pick<Outlet, 'send'>, request: ClientRequest, signal: AbortSignal): Promise<ClientAnswer> {
    requireAskable(this.client, request);
    return this.#questions.ask(request, signal, (message) => reply.send(message) || this.deliver(message));
  }

  receiveAnswer(message: PostedAnswer): boolean {
    return this.#questions.receive(message);
  }

  wantsLog(params: JsonObject | undefined): boolean {
    return (
      this.logLevel === undefined || passesLevel(isJsonObject(params) ? params['level'] : undefined, this.logLevel)
    );
  }

  /** A request of it has its answer. */
  answered(id: MessageId): void {
    this.inFlight.delete(id);
    if (this.inFlight.size === 0) this.#idle?.resolve();
  }

  /** Resolves when no request of it is under way. */
  whenIdle(): Promise<void> {
    if (this.inFlight.size === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  /** No answer to a question will come any more. */
  stopAsking(reason: HostlerError): void {
    this.#questions.end(reason);
  }

  /** Gives up everything that is under way. */
  end(reason: HostlerError): void {
    this.#questions.end(reason);
    for (const exchange of this.inFlight.values()) {
      exchange.cancel(reason);
      exchange.reply.drop();
    }
    this.closeOutlet();
  }

  #sendOnReply(message: Uint8Array, isFit: (reply: ClientExchange['reply']) => boolean): boolean {
    for (const { reply } of this.inFlight.values()) if (isFit(reply) && reply.send(message)) return true;
    return false;
  }
}
