import { randomUUID } from 'node:crypto';
import { isJsonObject } from '@hostler/kernel';
import type {
  Client,
  ClientAnswer,
  ClientRequest,
  Consumer,
  CountedRate,
  Exchange,
  HostlerError,
  JsonObject,
  McpRequest,
  Notification,
  ResultSink,
  Scope,
} from '@hostler/kernel';
import { Cancellable, metaKeys, notificationBytes, passesLevel } from '@hostler/protocol';
import { clientErrors } from '../client-errors.ts';
import { refusal } from './askable.ts';
import type { AskingCall } from './asking-call.ts';
import type { Caller } from './endpoint-parts.ts';
import { mustStayPrivate } from './private-result.ts';
import type { Reply } from './reply.ts';
import type { Session } from './session.ts';

export interface ExchangeOptions {
  readonly caller: Caller;
  readonly client: Client;
  readonly request: McpRequest;
  readonly reply: Reply;
  /** Present for a legacy client. */
  readonly session?: Session;
  readonly logLevel?: string;
  readonly parameterHeaders?: Readonly<Record<string, string>>;
}

/** Tells that a page was visited to which a question led; the modern era has no such message. */
const LEGACY_ONLY = 'notifications/elicitation/complete';

/** An exchange that came over a wire: its client hears of it through one reply. */
export class ClientExchange extends Cancellable implements Exchange {
  readonly request: McpRequest;
  readonly scope: Scope;
  readonly consumer: Consumer;
  readonly client: Client;
  readonly entry: string;
  readonly traceParent: string | undefined;
  readonly reply: Reply;
  readonly logLevel?: string;
  readonly parameterHeaders?: Readonly<Record<string, string>>;
  readonly #session: Session | undefined;
  /** Present where questions are put between requests: what the server says during the call goes through it. */
  asking: AskingCall | undefined;
  /** The place of `Bag`. */
  place = -1;
  /** Told when the client gives the request up. */
  onCancel: ((reason: HostlerError) => void) | undefined;
  #id: string | undefined;
  #settled = false;

  constructor({ caller, client, request, reply, session, logLevel, parameterHeaders }: ExchangeOptions) {
    super();
    this.request = request;
    this.scope = caller.scope;
    this.consumer = caller.consumer;
    this.client = client;
    this.entry = caller.entry ?? 'mcp';
    this.traceParent = caller.traceParent;
    this.reply = reply;
    if (logLevel !== undefined) this.logLevel = logLevel;
    if (parameterHeaders !== undefined) this.parameterHeaders = parameterHeaders;
    this.#session = session;
  }

  get id(): string {
    return (this.#id ??= randomUUID());
  }

  /** Tells the host. Whoever cancels settles the reply too, for what becomes of it depends on the reason. */
  override cancel(reason: HostlerError): void {
    if (this.#settled || this.cancelled) return;
    super.cancel(reason);
    this.onCancel?.(reason);
  }

  /** From here on nothing of this request reaches the client but its answer. */
  settle(): void {
    this.#settled = true;
  }

  counted(rate: CountedRate): void {
    this.reply.counted?.(rate);
  }

  notify(notification: Notification): void {
    if (this.asking) this.asking.notify(notification);
    else this.deliver(notification);
  }

  /** Sends a notification ahead of the answer to this very request. */
  deliver({ method, params }: Notification): void {
    if (this.#settled || this.cancelled) return;
    if (method === 'notifications/message' && !this.#wantsLog(params)) return;
    if (method === LEGACY_ONLY && this.client.era === 'modern') return;
    this.reply.send(notificationBytes(method, this.#isSubscription ? this.#tagged(params) : params));
  }

  ask(request: ClientRequest, signal?: AbortSignal): Promise<ClientAnswer> {
    const session = this.#session;
    if (this.#settled) return Promise.reject(clientErrors.GONE());
    if (this.asking) return this.asking.ask(request, signal);
    if (session === undefined) {
      return Promise.reject(refusal(request.method, 'it declares no capability to be asked during this request'));
    }
    const wanted = signal === undefined ? this.signal : AbortSignal.any([this.signal, signal]);
    return session.askThrough(this.reply, request, wanted);
  }

  /** Large results go straight into the reply, where nothing that is in them has to be changed for this client. */
  largeResult(): ResultSink | undefined {
    if (this.#settled || this.cancelled || !mayPass(this)) return undefined;
    const reply = this.asking === undefined ? this.reply : this.asking.reply;
    return reply?.large?.({ era: this.client.era, method: this.request.method });
  }

  /** Modern clients opt in request by request, legacy ones for their whole session. */
  #wantsLog(params: JsonObject | undefined): boolean {
    if (this.#session !== undefined) return this.#session.wantsLog(params);
    return this.logLevel !== undefined && passesLevel(params?.['level'], this.logLevel);
  }

  get #isSubscription(): boolean {
    return this.request.method === 'subscriptions/listen';
  }

  /** A subscription is known to its client by the id of its own request. Source: 2026-07-28, basic/subscriptions. */
  #tagged(params: JsonObject = {}): JsonObject {
    const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
    return { ...params, _meta: { ...meta, [metaKeys.subscriptionId]: this.reply.id } };
  }
}

/** What a modern server lets everybody keep is looked for in results that the client may keep. */
function mayPass({ request: { method }, client, consumer }: ClientExchange): boolean {
  if (method === 'tools/call') return true;
  return method === 'resources/read' && (client.era === 'legacy' || !mustStayPrivate(consumer));
}
