import { isJsonObject } from '@hostler/kernel';
import type { Exchange, HostlerError, Json, JsonObject } from '@hostler/kernel';
import { mayAct, mayRequireInput } from '@hostler/protocol';
import type { MessageId } from '@hostler/protocol';
import { CallQuestions } from '../call-questions.ts';
import type { ConnectContext } from '../connection.ts';
import { upstreamErrors } from '../errors.ts';
import type { Abortable } from '../when-aborted.ts';
import { CallDeadline } from './call-deadline.ts';
import type { EndReason, Incoming, IncomingAnswer, MessagePipe, PipeReceiver } from './message-pipe.ts';
import { NotificationRoutes } from './notification-routes.ts';
import { LISTEN, OpenCalls } from './open-calls.ts';
import type { Answer, OpenCall } from './open-calls.ts';
import { PendingCall } from './pending-call.ts';
import { ServerQuestions } from './server-questions.ts';

export type PeerContext = Pick<
  ConnectContext,
  'spec' | 'client' | 'roots' | 'log' | 'clock' | 'limits' | 'screen' | 'onNotification'
>;

/** A request to the server. */
export interface PeerCall {
  readonly method: string;
  readonly params: JsonObject;
  /** What ends it early. */
  readonly until: Abortable;
  /** Milliseconds; absent: no deadline. */
  readonly timeout?: number;
  readonly exchange?: Exchange;
  /** Further params of the `notifications/cancelled` that ends it early; absent: the server is not told. */
  readonly cancellation?: JsonObject;
}

/**
 * The host's end of a message pipe: gives each request an id of its own, brings answers, progress and questions to
 * where they belong, and keeps the bounds.
 */
export class PipePeer implements PipeReceiver {
  readonly #context: PeerContext;
  readonly #calls = new OpenCalls(() => this.#callQuestions.changed());
  readonly #callQuestions: CallQuestions<OpenCall>;
  readonly #questions: ServerQuestions;
  readonly #routes: NotificationRoutes;
  #pipe: MessagePipe | undefined;
  #end: EndReason | undefined;
  #lastId = 0;
  #late = 0;
  #heard = 0;
  /** Called once when the pipe ends by itself. */
  onEnded: ((reason: HostlerError) => void) | undefined;

  constructor(context: PeerContext) {
    const { spec, client, roots, log, limits } = context;
    const server = spec.name;
    this.#context = context;
    this.#routes = new NotificationRoutes({
      server,
      client,
      calls: this.#calls,
      log,
      onNotification: (notification) => context.onNotification(notification),
    });
    this.#callQuestions = new CallQuestions({
      clock: context.clock,
      calls: () =>
        this.#calls
          .active()
          .filter(({ method }) => mayRequireInput(method))
          .reverse(),
      hold: (call) => call.deadline?.hold() ?? (() => {}),
    });
    this.#questions = new ServerQuestions({
      server,
      client,
      roots,
      maxOpen: limits.inFlight,
      screen: context.screen,
      send: (message) => this.#sendAside(message),
      callOf: ({ related }, signal) => {
        if (related !== undefined) return this.#calls.find(related);
        if (!client?.session) return this.#callQuestions.find(signal);
        const active = this.#calls.active();
        // A list that the host reads meanwhile is not what the server asks about, and has nobody who could answer.
        return active.find(({ method }) => mayRequireInput(method)) ?? active[0];
      },
      onAsked: (call) => this.#callQuestions.open(call),
    });
  }

  attach(pipe: MessagePipe): void {
    this.#pipe = pipe;
  }

  /** Messages from the server so far. */
  get heard(): number {
    return this.#heard;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Not async, which would cost a promise and three turns of the queue on every call.
   * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_PROTOCOL, UPSTREAM_OVERLOADED, or the signal's reason
   */
  call(request: PeerCall): Promise<Answer> {
    try {
      this.#checkTakes(request.method);
    } catch (refusal) {
      return Promise.reject(refusal as Error);
    }
    const id = ++this.#lastId;
    const { params, progressToken } = withOwnProgressToken(request.params, id);
    // Before it is sent: a server in this process may answer at once.
    const call = this.#open(id, request, progressToken);
    if (!call.isSettled && !this.#pipe?.send({ jsonrpc: '2.0', id, method: request.method, params })) {
      this.#calls.take(id)?.reject(this.#overloaded('what it does not read fills its input'));
    }
    return call.answer;
  }

  notify(method: string, params?: JsonObject): void {
    this.#sendAside({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
  }

  receive(incoming: Incoming): void {
    this.#heard += 1;
    try {
      if (incoming.kind === 'answer') this.#settle(incoming);
      else if (incoming.kind === 'request') this.#questions.receive(incoming);
      else if (incoming.method === 'notifications/cancelled') this.#questions.cancel(incoming.params['requestId']);
      else this.#routes.deliver(incoming);
    } catch (error) {
      // Whoever took the message failed, not the server: its other calls go on.
      const { log, spec } = this.#context;
      log.error({ server: spec.name, error }, 'a message of the server could not be delivered');
    }
  }

  failed(id: MessageId, reason: EndReason): void {
    const call = this.#calls.take(id);
    call?.reject(reason(mayAct(call.method)));
  }

  ended(reason: EndReason): void {
    if (this.#end) return;
    this.#finish(reason);
    this.onEnded?.(reason(false));
  }

  /** Fails the calls in flight and ends the server's side. */
  async close(): Promise<void> {
    if (!this.#end) {
      const server = this.#context.spec.name;
      this.#finish((mayHaveRun) => upstreamErrors.UNAVAILABLE({ details: { server, mayHaveRun } }));
    }
    await this.#pipe?.close();
  }

  #finish(reason: EndReason): void {
    this.#end = reason;
    this.#questions.cancelAll(reason(false));
    for (const call of this.#calls.takeAll()) call.reject(reason(mayAct(call.method)));
    const { log, spec } = this.#context;
    if (this.#late > 0) log.debug({ server: spec.name, late: this.#late }, 'answers that came too late');
  }

  #checkTakes(method: string): void {
    if (this.#end) throw this.#end(false);
    this.#checkRoom(method);
  }

  /** Subscriptions last, so they have a bound of their own beside that of the calls. */
  #checkRoom(method: string): void {
    const { inFlight } = this.#context.limits;
    const { listens } = this.#calls;
    const open = method === LISTEN ? listens : this.#calls.size - listens;
    if (open >= inFlight) {
      throw this.#overloaded(method === LISTEN ? `${inFlight} subscriptions` : `${inFlight} calls in flight`);
    }
  }

  #overloaded(limit: string): HostlerError {
    return upstreamErrors.OVERLOADED({ details: { server: this.#context.spec.name, limit, mayHaveRun: false } });
  }

  /** Settled already when nobody waits for it any more. */
  #open(id: number, request: PeerCall, progressToken: Json | undefined): PendingCall {
    const { method, exchange, timeout, until } = request;
    const call = new PendingCall({ id, method, exchange, progressToken });
    call.listen(until, (reason) => this.#abandon(call, request, reason));
    if (call.isSettled) return call;
    if (timeout !== undefined) {
      call.deadline = new CallDeadline(this.#context.clock, timeout, () =>
        this.#abandon(call, request, this.#timeout(method)),
      );
    }
    this.#calls.add(call);
    return call;
  }

  #timeout(method: string): HostlerError {
    return upstreamErrors.TIMEOUT({ details: { server: this.#context.spec.name, mayHaveRun: mayAct(method) } });
  }

  /** Nobody waits for the answer any more: tell the server, and drop the answer if it comes. */
  #abandon(call: PendingCall, { cancellation }: PeerCall, reason: unknown): void {
    if (call.isSettled) return;
    const wasSent = this.#calls.take(call.id) !== undefined;
    call.reject(reason as HostlerError);
    if (wasSent && cancellation) {
      this.notify('notifications/cancelled', {
        ...cancellation,
        requestId: call.id,
        reason: 'The client does not wait',
      });
    }
  }

  #settle({ id, member, payload }: IncomingAnswer): void {
    const call = this.#calls.take(id);
    if (call) {
      if (payload) call.resolve({ member, payload });
      else call.reject(this.#malformed(call.method));
      return;
    }
    const { log, spec } = this.#context;
    this.#late += 1;
    log.debug({ server: spec.name, id, late: this.#late }, 'an answer that nobody waits for was dropped');
  }

  #malformed(method: string): HostlerError {
    const server = this.#context.spec.name;
    return upstreamErrors.PROTOCOL({
      details: { server, problem: 'Its answer is no object.', mayHaveRun: mayAct(method) },
    });
  }

  /** For messages that no caller waits for: when the pipe is full they are the first to go. */
  #sendAside(message: JsonObject): void {
    if (this.#end || this.#pipe?.send(message)) return;
    const { log, spec } = this.#context;
    log.debug({ server: spec.name, method: message['method'] }, 'a message to a server that does not read was dropped');
  }
}

/** Clients choose their tokens freely; on a shared connection two may choose the same. The id of the call is unique. */
function withOwnProgressToken(
  params: JsonObject,
  id: number,
): { readonly params: JsonObject; readonly progressToken?: Json } {
  const meta = params['_meta'];
  const progressToken = isJsonObject(meta) ? meta['progressToken'] : undefined;
  if (!isJsonObject(meta) || progressToken === undefined) return { params };
  return { params: { ...params, _meta: { ...meta, progressToken: id } }, progressToken };
}
