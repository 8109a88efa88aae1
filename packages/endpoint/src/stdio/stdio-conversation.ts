import { isHostlerError } from '@hostler/kernel';
import type { HostlerError } from '@hostler/kernel';
import { claimedRevision, parseMessage, protocolErrors, resultBytes } from '@hostler/protocol';
import type { IncomingMessage as Message, MessageId } from '@hostler/protocol';
import { answerExchange } from '../core/answer-exchange.ts';
import { errorAnswer } from '../core/answers.ts';
import { ClientExchange } from '../core/client-exchange.ts';
import type { Caller, EndpointParts } from '../core/endpoint-parts.ts';
import { InFlight } from '../core/in-flight.ts';
import { answerDiscover, readModernRequest, requireModernMethod } from '../core/modern-request.ts';
import { describeTo, endAtHost, openSession } from '../core/open-session.ts';
import type { Outlet } from '../core/reply.ts';
import {
  admitSessionRequest,
  answerSessionRequest,
  cancelInFlight,
  receiveFromSession,
} from '../core/session-request.ts';
import type { Request } from '../core/session-request.ts';
import type { Session } from '../core/session.ts';
import { httpErrors } from '../http-errors.ts';
import { StdioReply } from './stdio-reply.ts';

/** Everything that is said on one pair of streams. A client may speak both eras on it, message by message. */
export class StdioConversation {
  readonly #parts: EndpointParts;
  readonly #caller: Caller;
  readonly #outlet: Outlet;
  readonly #inFlight = new InFlight();
  /** Modern requests by id; those of the legacy era belong to the session. */
  readonly #modern = new Map<MessageId, ClientExchange>();
  #session: Session | undefined;
  #closing = false;

  constructor(parts: EndpointParts, caller: Caller, outlet: Outlet) {
    this.#parts = parts;
    this.#caller = caller;
    this.#outlet = outlet;
  }

  sessions(): readonly Session[] {
    return this.#session?.ready ? [this.#session] : [];
  }

  /** Takes one line. Empty ones mean nothing. */
  receive(line: Uint8Array): void {
    if (line.every((byte) => byte === 0x20 || byte === 0x09)) return;
    let message: Message | undefined;
    try {
      message = parseMessage(line);
      this.#dispatch(message);
    } catch (thrown) {
      // Errors are answers to requests; there is nothing to say to anything else.
      if (message !== undefined && message.kind !== 'request') return;
      this.#refuse(thrown, message?.id ?? readableId(thrown));
    }
  }

  /** Lets what is under way come to its end. */
  finish(grace: number): Promise<void> {
    this.#closing = true;
    return this.#inFlight.close(this.#parts, grace);
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
    if (claimedRevision(message.params) !== undefined) return this.#serveModern(message);
    if (message.method === 'initialize') return this.#initialize(message);
    if (this.#session === undefined) throw invalid('initialize comes first');
    this.#serveLegacy(this.#session, message);
  }

  #serveModern(message: Request): void {
    const { id, method } = message;
    const modern = readModernRequest(message);
    requireModernMethod(method);
    const reply = new StdioReply(id, this.#outlet);
    if (method === 'server/discover') return void answerDiscover(this.#parts, this.#caller, modern.client, reply);
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
    const reply = new StdioReply(message.id, this.#outlet);
    const exchange = admitSessionRequest(this.#parts, session, message, reply);
    if (exchange === undefined) return;
    this.#inFlight.add(exchange);
    void answerSessionRequest(this.#parts, session, exchange).then(() => this.#inFlight.delete(exchange));
  }

  #initialize({ id, params }: Request): void {
    if (this.#session !== undefined) throw invalid('the session is initialized already');
    const session = openSession(this.#parts, this.#caller, params);
    session.attach(this.#outlet);
    this.#session = session;
    void this.#describe(session, id);
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
