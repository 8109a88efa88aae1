import { isHostlerError } from '@hostler/kernel';
import type { HostlerError } from '@hostler/kernel';
import { claimedRevision, parseMessage, protocolErrors, RequestTable, resultBytes } from '@hostler/protocol';
import type { IncomingMessage as Message, MessageId } from '@hostler/protocol';
import { answerExchange } from './answer-exchange.ts';
import { errorAnswer } from './answers.ts';
import { ClientExchange } from './client-exchange.ts';
import type { Caller, EndpointParts } from './endpoint-parts.ts';
import { InFlight } from './in-flight.ts';
import { answerDiscover, readModernRequest, requireModernMethod } from './modern-request.ts';
import { describeTo, endAtHost, openSession } from './open-session.ts';
import type { Outlet } from './reply.ts';
import { admitSessionRequest, answerSessionRequest, cancelInFlight, receiveFromSession } from './session-request.ts';
import type { Request } from './session-request.ts';
import type { Session } from './session.ts';
import { httpErrors } from '../http-errors.ts';
import { ChannelReply } from './channel-reply.ts';

export interface ConversationOptions {
  /** The transport belongs to the legacy era; by default a client may speak both, message by message. */
  readonly isLegacyOnly?: boolean;
}

/** Everything that is said on one channel that carries messages both ways. */
export class Conversation {
  readonly #parts: EndpointParts;
  readonly #caller: Caller;
  readonly #outlet: Outlet;
  readonly #isLegacyOnly: boolean;
  readonly #inFlight = new InFlight();
  /** Modern requests by id; those of the legacy era belong to the session. */
  readonly #modern = new RequestTable<ClientExchange>();
  /** Answers to `initialize` and `server/discover`, which are no exchanges. */
  readonly #describing = new Set<Promise<void>>();
  #session: Session | undefined;
  #closing = false;

  constructor(parts: EndpointParts, caller: Caller, outlet: Outlet, options: ConversationOptions = {}) {
    this.#parts = parts;
    this.#caller = caller;
    this.#outlet = outlet;
    this.#isLegacyOnly = options.isLegacyOnly === true;
  }

  sessions(): readonly Session[] {
    return this.#session?.ready ? [this.#session] : [];
  }

  /** Takes the bytes of one message. White space alone means nothing. */
  receive(bytes: Uint8Array): void {
    if (bytes.every((byte) => byte === 0x20 || byte === 0x09)) return;
    let message: Message;
    try {
      message = parseMessage(bytes);
    } catch (thrown) {
      return this.#refuse(thrown, readableId(thrown));
    }
    this.take(message);
  }

  take(message: Message): void {
    try {
      this.#dispatch(message);
    } catch (thrown) {
      // Errors are answers to requests; there is nothing to say to anything else.
      if (message.kind === 'request') this.#refuse(thrown, message.id);
    }
  }

  /** The client says nothing more: what it was asked stays without an answer. */
  stopAsking(reason: HostlerError): void {
    this.#session?.stopAsking(reason);
  }

  /** Lets what is under way come to its end. */
  async finish(grace: number): Promise<void> {
    this.#closing = true;
    await Promise.all([this.#inFlight.close(this.#parts, grace), this.#described(grace)]);
  }

  /** Answers everything that is under way with an error, and takes nothing more. */
  refuse(reason: HostlerError): void {
    this.#closing = true;
    this.#inFlight.endAll(this.#parts, reason);
  }

  /** Gives up everything; resolves when the host has let go of the session. Never rejects. */
  async end(reason: HostlerError): Promise<void> {
    this.#closing = true;
    for (const exchange of this.#modern.values()) {
      exchange.cancel(reason);
      exchange.reply.drop();
    }
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    session.end(reason);
    await endAtHost(this.#parts, session);
  }

  #dispatch(message: Message): void {
    if (message.kind !== 'request') return this.#receiveOther(message);
    if (this.#closing) throw httpErrors.SHUTTING_DOWN();
    if (!this.#isLegacyOnly && claimedRevision(message.params) !== undefined) return this.#serveModern(message);
    if (message.method === 'initialize') return this.#initialize(message);
    if (this.#session === undefined) throw invalid('initialize comes first');
    this.#serveLegacy(this.#session, message);
  }

  #serveModern(message: Request): void {
    const { id, method } = message;
    const modern = readModernRequest(message);
    requireModernMethod(method);
    const reply = new ChannelReply(id, this.#outlet);
    if (method === 'server/discover') {
      return this.#track(answerDiscover(this.#parts, this.#caller, modern.client, reply));
    }
    if (this.#modern.has(id)) throw invalid('a request with this id is in flight');
    if (this.#modern.size >= this.#parts.limits.inFlightPerSession) throw httpErrors.TOO_MANY_REQUESTS();
    const exchange = new ClientExchange({ caller: this.#caller, ...modern, reply });
    this.#modern.set(id, exchange);
    this.#inFlight.add(exchange);
    void answerExchange(this.#parts, exchange).then(() => {
      this.#modern.delete(id);
      this.#inFlight.delete(exchange);
    });
  }

  #serveLegacy(session: Session, message: Request): void {
    const reply = new ChannelReply(message.id, this.#outlet);
    const exchange = admitSessionRequest(this.#parts, session, message, reply);
    if (exchange === undefined) return;
    this.#inFlight.add(exchange);
    void answerSessionRequest(this.#parts, session, exchange, () => this.#inFlight.delete(exchange));
  }

  #initialize({ id, params }: Request): void {
    if (this.#session !== undefined) throw invalid('the session is initialized already');
    const session = openSession(this.#parts, this.#caller, params);
    session.attach(this.#outlet);
    this.#session = session;
    this.#track(this.#describe(session, id));
  }

  async #describe(session: Session, id: MessageId): Promise<void> {
    try {
      const result = await describeTo(this.#parts, session);
      session.ready = true;
      this.#outlet.send(resultBytes(id, result));
    } catch (thrown) {
      // The client may try again.
      if (this.#session === session) this.#session = undefined;
      this.#refuse(thrown, id);
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#describing.delete(tracked));
    this.#describing.add(tracked);
  }

  async #described(grace: number): Promise<void> {
    if (this.#describing.size === 0 || grace <= 0) return;
    const { promise: timeUp, resolve } = Promise.withResolvers<void>();
    const stopTimer = this.#parts.clock.after(grace, resolve);
    await Promise.race([Promise.all(this.#describing), timeUp]);
    stopTimer();
  }

  #receiveOther(message: Exclude<Message, Request>): void {
    if (message.kind === 'notification' && message.method === 'notifications/cancelled') {
      cancelInFlight(this.#modern, message.params['requestId']);
    }
    if (this.#session !== undefined) receiveFromSession(this.#parts, this.#session, message);
  }

  #refuse(thrown: unknown, id: MessageId | undefined): void {
    this.#outlet.send(Buffer.concat(errorAnswer(this.#parts, thrown, { id }).message));
  }
}

function readableId(thrown: unknown): MessageId | undefined {
  const id = isHostlerError(thrown) ? thrown.details['id'] : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

function invalid(problem: string): Error {
  return protocolErrors.INVALID_REQUEST({ details: { problem } });
}
