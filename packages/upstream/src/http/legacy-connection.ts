import { Payload } from '@hostler/kernel';
import type { Era, Exchange, HostlerError, Json, McpRequest, Notification, Outcome } from '@hostler/kernel';
import { mayAct, notificationBytes, requestBytes, RequestTable, tellsOfChange } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection } from '../connection.ts';
import { untilAborted } from '@hostler/secrets';
import type { Call, CallPlan, CallReply } from './call.ts';
import { callServer, errorCode } from './http-context.ts';
import type { HttpContext } from './http-context.ts';
import { parseIncoming, progressTokenOf, withOriginalToken, withProgressToken } from './incoming.ts';
import { passedOutcome } from './passing-answer.ts';
import type { Session } from './initialize.ts';
import { LegacySession } from './legacy-session.ts';
import { legacyParams } from '../legacy-params.ts';
import { sendNotice } from './notice.ts';
import { createRepeatableTools } from './repeatable-tools.ts';
import type { RepeatableTools } from './repeatable-tools.ts';
import { Questions } from './questions.ts';

interface Running {
  readonly exchange: Exchange;
  /** The client's own progress token; undefined when it wants no progress. */
  readonly token: Json | undefined;
  call: Call | undefined;
}

/** What is needed to send a request once more. */
interface SentRequest {
  readonly exchange: Exchange;
  readonly session: Session;
  readonly timeout: number;
  readonly begun: number;
}

/** A server of the legacy era behind Streamable HTTP. Source: MCP 2025-11-25, basic/transports. */
export class LegacyConnection implements Connection {
  readonly era: Era = 'legacy';
  readonly #http: HttpContext;
  readonly #session: LegacySession;
  readonly #questions: Questions;
  /** By request id, which is the progress token as well. */
  readonly #running = new RequestTable<Running>();
  readonly #repeatable: RepeatableTools;
  #closing: Promise<void> | undefined;

  constructor(http: HttpContext, first: Session) {
    this.#http = http;
    this.#repeatable = createRepeatableTools(http.connect.spec);
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
      calls: () => this.#running.values().filter(({ call }) => call !== undefined),
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

  /** Not async: a call that is answered costs two promises here. */
  request(exchange: Exchange, timeout = this.#http.connect.spec.callTimeout): Promise<Outcome> {
    const { reopening } = this.#session;
    if (reopening === undefined) return this.#requestNow(exchange, timeout);
    const begun = this.#http.clock.now();
    return untilAborted(exchange.signal, reopening).then(() =>
      this.#requestNow(exchange, this.#timeLeft(timeout, begun)),
    );
  }

  #requestNow(exchange: Exchange, timeout: number): Promise<Outcome> {
    const sent: SentRequest = { exchange, session: this.#session.current, timeout, begun: this.#http.clock.now() };
    return this.#send(exchange, sent.session, timeout).then((reply) =>
      statusOf(reply) < 400 ? this.#toOutcome(exchange, reply) : this.#onRefusal(sent, reply),
    );
  }

  async #onRefusal({ exchange, session: before, timeout, begun }: SentRequest, reply: CallReply): Promise<Outcome> {
    const session = this.#session;
    if (!(await this.#isSessionRefusal(reply, before))) return this.#toOutcome(exchange, reply);
    const reopened = session.reopen(before);
    // What the call builds on may have gone with the session: only its caller knows whether it still makes sense.
    if (!this.#repeatable.allows(exchange.request)) throw this.#sessionLost(exchange, reply);
    await untilAborted(exchange.signal, reopened);
    const second = await this.#send(exchange, session.current, this.#timeLeft(timeout, begun));
    if (statusOf(second) === 404) throw this.#http.failures.unavailable('It loses its sessions at once.', false);
    return this.#toOutcome(exchange, second);
  }

  #timeLeft(timeout: number, begun: number): number {
    return Math.max(1, timeout - (this.#http.clock.now() - begun));
  }

  notify(notification: Notification): void {
    this.#tell(notification, this.#session.current.headers);
  }

  readonly renewSecrets = (signal: AbortSignal): Promise<void> => this.#http.headers.renew(signal);

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #sessionLost({ request }: Exchange, reply: CallReply): HostlerError {
    const mayHaveRun = wasTaken(reply) && mayAct(request.method);
    return this.#http.failures.unavailable('It had lost the session; a new one is opened.', mayHaveRun);
  }

  #send(exchange: Exchange, { headers }: Session, timeout: number): Promise<CallReply> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    const id = this.#http.nextId();
    const own: Running = { exchange, token: progressTokenOf(exchange.request.params), call: undefined };
    return callServer(this.#http, this.#planOf(id, own, { headers, timeout }), (call) => {
      own.call = call;
      if (!call.settled) this.#running.set(id, own);
    });
  }

  /** Why no request can be sent now. */
  #refusal(): Error | undefined {
    const { connect, failures } = this.#http;
    const { inFlight } = connect.limits;
    if (this.#session.end !== undefined) return this.#session.end;
    if (this.#closing !== undefined) return failures.unavailable('The connection was closed.', false);
    return this.#running.size >= inFlight ? failures.overloaded(`${inFlight} calls at a time`) : undefined;
  }

  #planOf(
    id: number,
    own: Running,
    { headers, timeout }: { readonly headers: readonly string[]; readonly timeout: number },
  ): CallPlan {
    const { method } = own.exchange.request;
    const params = legacyParams(own.exchange);
    const sent = own.token === undefined ? params : withProgressToken(params, id);
    return {
      id,
      method,
      until: own.exchange,
      into: { exchange: own.exchange, era: this.era },
      timeout,
      request: { method: 'POST', headers, body: requestBytes(id, method, sent), lane: 'calls' },
      onMessage: (_, bytes) => this.#onCallMessage(own, bytes),
      resume: (lastEventId) => ({
        method: 'GET',
        headers: [...headers, 'last-event-id', lastEventId],
        lane: 'streams',
      }),
      onGivenUp: () => this.#cancel(id, headers),
      onSettled: () => {
        this.#running.delete(id);
        this.#questions.callEnded(own);
      },
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
  #onCallMessage(own: Running, bytes: Uint8Array): void {
    const message = parseIncoming(bytes, this.#http.connect.limits.messageBytes);
    if (message.kind === 'notification') this.#onNotified(message, own.exchange);
    else if (message.kind === 'request' && own.call !== undefined) void this.#questions.answerOnCall(message, own);
  }

  /** A message outside any call. */
  #onStreamMessage(bytes: Uint8Array): void {
    const { limits, log, spec } = this.#http.connect;
    try {
      const message = parseIncoming(bytes, limits.messageBytes);
      if (message.kind === 'request') void this.#questions.answerOutside(message);
      else if (message.kind === 'notification') this.#onNotified(message, undefined);
    } catch (error) {
      log.warn({ server: spec.name, error }, 'a message outside any call is not valid and is dropped');
    }
  }

  #onNotified({ method, params = {} }: Notification, exchange: Exchange | undefined): void {
    const notification: Notification = { method, params };
    if (method === 'notifications/progress') this.#onProgress(notification);
    else if (method === 'notifications/cancelled') this.#questions.withdraw(params['requestId']);
    else if (exchange === undefined || tellsOfChange(method)) this.#tellOutside(notification);
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
    const { session } = connect.client ?? {};
    const { method } = notification;
    const [only, ...others] = this.#running.values();
    if (session && !tellsOfChange(method)) session.notify(notification);
    // A log line that says of no call where it belongs can belong to the only one that is under way.
    else if (method === 'notifications/message' && only && others.length === 0) only.exchange.notify(notification);
    else connect.onNotification(notification);
  }

  /** Whether the server refused the request because it does not know the session. Only asked of refusals. */
  async #isSessionRefusal(reply: CallReply, before: Session): Promise<boolean> {
    const status = statusOf(reply);
    if (before.id === undefined) return false;
    // It may have forgotten the event rather than the session.
    if (wasTaken(reply)) return !(await this.#session.isAlive(before));
    if (status === 404) return errorCode(reply) !== -32601;
    // The reference servers answer an unknown session with 400 and -32000, which may mean anything: a ping tells.
    return status === 400 && errorCode(reply) === -32000 && !(await this.#session.isAlive(before));
  }

  #toOutcome({ request }: Exchange, reply: CallReply): Outcome {
    const { failures } = this.#http;
    const { method } = request;
    if (wasTaken(reply)) throw failures.unavailable('It no longer knows the stream of its answer.', mayAct(method));
    if (reply.kind === 'refused') throw failures.refused(reply.status, mayAct(method));
    if (reply.member === 'result') this.#learn(request, reply.bytes);
    else if (reply.head.status === 400 && errorCode(reply) === -32022) {
      const reason = failures.unavailable('It no longer speaks the revision that it agreed to.', false);
      this.#session.fail(reason);
      throw reason;
    }
    if (reply.passed !== undefined) return passedOutcome(this.era, reply.passed);
    return { kind: reply.member, era: 'legacy', payload: Payload.ofBytes(reply.bytes) };
  }

  #learn(request: McpRequest, result: Uint8Array): void {
    if (request.method === 'tools/list') this.#repeatable.learn(request, result);
    else this.#session.learn(request.method, request.params);
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

function wasTaken(reply: CallReply): boolean {
  return reply.kind === 'refused' && reply.wasTaken === true;
}

function statusOf(reply: CallReply): number {
  return reply.kind === 'refused' ? reply.status : reply.head.status;
}
