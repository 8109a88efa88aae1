import { Payload } from '@hostler/kernel';
import type { Era, Exchange, Json, Notification, Outcome } from '@hostler/kernel';
import { mayAct, notificationBytes, requestBytes } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection } from '../connection.ts';
import { untilAborted } from '../until-aborted.ts';
import type { Call, CallPlan, CallReply } from './call.ts';
import { callServer, errorCode } from './http-context.ts';
import type { HttpContext } from './http-context.ts';
import { isAboutServer, parseIncoming, progressTokenOf, withOriginalToken, withProgressToken } from './incoming.ts';
import type { Session } from './initialize.ts';
import { LegacySession } from './legacy-session.ts';
import { sendNotice } from './notice.ts';
import { Questions } from './questions.ts';
import type { OpenCall } from './questions.ts';

interface Running {
  readonly exchange: Exchange;
  /** The client's own progress token; undefined when it wants no progress. */
  readonly token: Json | undefined;
  call: Call | undefined;
}

/** A server of the legacy era behind Streamable HTTP. Source: MCP 2025-11-25, basic/transports. */
export class LegacyConnection implements Connection {
  readonly era: Era = 'legacy';
  readonly #http: HttpContext;
  readonly #session: LegacySession;
  readonly #questions: Questions;
  /** By request id, which is the progress token as well. */
  readonly #running = new Map<number, Running>();
  #closing: Promise<void> | undefined;

  constructor(http: HttpContext, first: Session) {
    this.#http = http;
    const session = new LegacySession({
      http,
      first,
      onMessage: (bytes) => this.#onStreamMessage(bytes),
      onNotification: (notification) => this.#tellOutside(notification),
      onEnd: (reason) => {
        this.#interruptAll('The connection has ended.');
        http.connect.onClose(reason);
      },
    });
    this.#session = session;
    this.#questions = new Questions({
      http,
      sessionHeaders: () => session.current.headers,
      signal: session.signal,
    });
  }

  /** To be awaited once, before the first request. */
  open(): Promise<void> {
    return this.#session.openStream();
  }

  get server(): ServerDescription {
    return this.#session.current.description;
  }

  async request(exchange: Exchange): Promise<Outcome> {
    const session = this.#session;
    const { failures } = this.#http;
    if (session.reopening !== undefined) await untilAborted(exchange.signal, session.reopening);
    const before = session.current;
    const reply = await this.#send(exchange, before);
    if (statusOf(reply) < 400 || !(await this.#isSessionRefusal(reply, before)))
      return this.#toOutcome(exchange, reply);
    const reopened = session.reopen(before);
    // A call that acts is for its caller to repeat, who alone knows whether it still should.
    if (mayAct(exchange.request.method)) throw failures.unavailable('It had lost the session; try again.', false);
    await untilAborted(exchange.signal, reopened);
    const second = await this.#send(exchange, session.current);
    if (statusOf(second) === 404) throw failures.unavailable('It loses its sessions at once.', false);
    return this.#toOutcome(exchange, second);
  }

  notify(notification: Notification): void {
    this.#tell(notification, this.#session.current.headers);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #send(exchange: Exchange, { headers }: Session): Promise<CallReply> {
    const { connect, failures } = this.#http;
    const { inFlight } = connect.limits;
    if (this.#session.end !== undefined) throw this.#session.end;
    if (this.#closing !== undefined) throw failures.unavailable('The connection was closed.', false);
    if (this.#running.size >= inFlight) throw failures.overloaded(`${inFlight} calls at a time`);
    const id = this.#http.nextId();
    const own: Running = { exchange, token: progressTokenOf(exchange.request.params), call: undefined };
    this.#running.set(id, own);
    try {
      return await callServer(this.#http, this.#planOf(id, own, headers), (call) => {
        own.call = call;
      });
    } finally {
      this.#running.delete(id);
    }
  }

  #planOf(id: number, own: Running, headers: readonly string[]): CallPlan {
    const { method, params } = own.exchange.request;
    const sent = own.token === undefined ? params : withProgressToken(params, id);
    return {
      id,
      method,
      signal: own.exchange.signal,
      timeout: this.#http.connect.spec.callTimeout,
      request: { method: 'POST', headers, body: requestBytes(id, method, sent), lane: 'calls' },
      onMessage: (_, bytes) => this.#onCallMessage(own, bytes),
      resume: (lastEventId) => ({
        method: 'GET',
        headers: [...headers, 'last-event-id', lastEventId],
        lane: 'streams',
      }),
      onGivenUp: () => this.#cancel(id, headers),
    };
  }

  /** Source: MCP 2025-11-25, basic/transports: a disconnect is no cancellation, so it has to be said. */
  #cancel(id: number, headers: readonly string[]): void {
    this.#tell({ method: 'notifications/cancelled', params: { requestId: id } }, headers);
  }

  #tell({ method, params }: Notification, headers: readonly string[]): void {
    const { log, spec } = this.#http.connect;
    const body = notificationBytes(method, params);
    sendNotice(this.#http, { method: 'POST', headers, body, lane: 'streams' }).catch((error: unknown) => {
      log.debug({ server: spec.name, method, error }, 'the server did not take a notification');
    });
  }

  /** @throws PROTOCOL_* when the message is not valid */
  #onCallMessage({ exchange, call }: Running, bytes: Uint8Array): void {
    const message = parseIncoming(bytes, this.#http.connect.limits.messageBytes);
    if (message.kind === 'notification') this.#onNotified(message, exchange);
    else if (message.kind === 'request' && call !== undefined) {
      void this.#questions.answerOnCall(message, call, exchange);
    }
  }

  /** A message outside any call. */
  #onStreamMessage(bytes: Uint8Array): void {
    const { limits, log, spec } = this.#http.connect;
    try {
      const message = parseIncoming(bytes, limits.messageBytes);
      if (message.kind === 'request') void this.#questions.answerOutside(message, this.#latestCall());
      else if (message.kind === 'notification') this.#onNotified(message, undefined);
    } catch (error) {
      log.warn({ server: spec.name, error }, 'a message outside any call is not valid and is dropped');
    }
  }

  #latestCall(): OpenCall | undefined {
    const latest = [...this.#running.values()].at(-1);
    return latest?.call === undefined ? undefined : { call: latest.call, exchange: latest.exchange };
  }

  #onNotified({ method, params = {} }: Notification, exchange: Exchange | undefined): void {
    const notification: Notification = { method, params };
    if (method === 'notifications/progress') this.#onProgress(notification);
    else if (method === 'notifications/cancelled') this.#questions.withdraw(params['requestId']);
    else if (exchange === undefined || isAboutServer(method)) this.#tellOutside(notification);
    else exchange.notify(notification);
  }

  /** Some servers report progress on the stream outside any call: the token tells whose it is. */
  #onProgress(notification: Notification): void {
    const token = notification.params?.['progressToken'];
    const own = typeof token === 'number' ? this.#running.get(token) : undefined;
    if (own?.token !== undefined) own.exchange.notify(withOriginalToken(notification, own.token));
  }

  #tellOutside(notification: Notification): void {
    const { connect } = this.#http;
    if (connect.client === undefined || isAboutServer(notification.method)) connect.onNotification(notification);
    else connect.client.session?.notify(notification);
  }

  /** Whether the server refused the request because it does not know the session. Only asked of refusals. */
  async #isSessionRefusal(reply: CallReply, before: Session): Promise<boolean> {
    const status = statusOf(reply);
    if (before.id === undefined) return false;
    if (status === 404) return errorCode(reply) !== -32601;
    // The reference servers answer an unknown session with 400 and -32000, which may mean anything: a ping tells.
    return status === 400 && errorCode(reply) === -32000 && !(await this.#session.isAlive(before));
  }

  #toOutcome({ request: { method, params } }: Exchange, reply: CallReply): Outcome {
    const { failures } = this.#http;
    if (reply.kind === 'refused') throw failures.refused(reply.status, mayAct(method));
    if (reply.member === 'result') this.#session.learn(method, params);
    else if (reply.head.status === 400 && errorCode(reply) === -32022) {
      const reason = failures.unavailable('It no longer speaks the revision that it agreed to.', false);
      this.#session.fail(reason);
      throw reason;
    }
    return { kind: reply.member, era: 'legacy', payload: Payload.ofBytes(reply.bytes) };
  }

  #interruptAll(problem: string): void {
    for (const { call } of this.#running.values()) call?.interrupt(problem);
  }

  async #end(): Promise<void> {
    this.#interruptAll('The connection was closed.');
    await this.#session.close();
    await this.#http.link.close();
  }
}

function statusOf(reply: CallReply): number {
  return reply.kind === 'refused' ? reply.status : reply.head.status;
}
