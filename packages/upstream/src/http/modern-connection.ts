import { Payload } from '@hostler/kernel';
import type { Era, Exchange, JsonObject, McpRequest, Outcome } from '@hostler/kernel';
import { mayAct, memberBytes, requestBytes, RequestTable, withClientFacts } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection } from '../connection.ts';
import { declaredClient } from '../host-info.ts';
import { untilAborted } from '@hostler/secrets';
import type { Call, CallPlan, CallReply } from './call.ts';
import { callServer, errorCode } from './http-context.ts';
import type { HttpContext } from './http-context.ts';
import { parseIncoming, progressTokenOf, withOriginalToken, withProgressToken } from './incoming.ts';
import { passedOutcome } from './passing-answer.ts';
import { createMirroredTools } from './mirrored-tools.ts';
import { StandardLists } from './standard-lists.ts';

const LISTEN = 'subscriptions/listen';
/** The code of "headers and body disagree". Source: MCP 2026-07-28, basic. */
const HEADER_MISMATCH = -32020;
/** Source: security.md 3.1. */
const MAX_LIST_PAGES = 100;

/** A server of the modern era behind Streamable HTTP. Source: MCP 2026-07-28, basic/transports. */
export class ModernConnection implements Connection {
  readonly era: Era = 'modern';
  readonly server: ServerDescription;
  readonly #http: HttpContext;
  readonly #mirrored = createMirroredTools();
  readonly #lists = new StandardLists();
  readonly #calls = new RequestTable<Call>();
  readonly #listens = new RequestTable<Call>();
  readonly #lifetime = new AbortController();
  #relisting: Promise<void> | undefined;
  #over = false;
  #closing: Promise<void> | undefined;

  constructor(http: HttpContext, server: ServerDescription) {
    this.#http = http;
    this.server = server;
  }

  /** Not async: a call that is answered costs two promises here. */
  request(exchange: Exchange, timeout?: number): Promise<Outcome> {
    const { request, parameterHeaders } = exchange;
    if (this.#mirrored.refuses(request)) {
      const problem = 'The tool declares an invalid x-mcp-header, so it must not be called.';
      return Promise.reject(this.#http.failures.protocol(problem, false));
    }
    if (parameterHeaders !== undefined || request.method !== 'tools/call') {
      const extra = parameterHeaders === undefined ? [] : passed(parameterHeaders);
      return this.#send(exchange, extra, timeout).then((reply) => this.#toOutcome(exchange, reply));
    }
    return this.#send(exchange, this.#mirrored.headersFor(request), timeout).then((reply) =>
      errorCode(reply) === HEADER_MISMATCH ? this.#requestAgain(exchange, timeout) : this.#toOutcome(exchange, reply),
    );
  }

  /** What was rejected for its headers did not run: the list says which ones the tool wants now. */
  async #requestAgain(exchange: Exchange, timeout?: number): Promise<Outcome> {
    this.#relisting ??= this.#relist().finally(() => {
      this.#relisting = undefined;
    });
    await untilAborted(exchange.signal, this.#relisting);
    return this.#toOutcome(exchange, await this.#send(exchange, this.#mirrored.headersFor(exchange.request), timeout));
  }

  /** The modern era has no notifications from clients but cancellation. */
  notify(): void {}

  readonly renewSecrets = (signal: AbortSignal): Promise<void> => this.#http.headers.renew(signal);

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #send(exchange: Exchange, extra: readonly string[], timeout?: number): Promise<CallReply> {
    const { method } = exchange.request;
    const isListen = method === LISTEN;
    const group = isListen ? this.#listens : this.#calls;
    const refusal = this.#refusal(group.size, isListen ? 'subscriptions' : 'calls');
    if (refusal !== undefined) return Promise.reject(refusal);
    const id = this.#http.nextId();
    const standard = this.#lists.of(exchange.request);
    let call: Call | undefined;
    const plan: CallPlan = {
      id,
      method,
      until: exchange,
      into: { exchange, era: this.era },
      timeout: timeout ?? this.#http.connect.spec.callTimeout,
      openEnded: isListen,
      request: {
        method: 'POST',
        headers: extra.length === 0 ? standard : [...standard, ...extra],
        body: requestBytes(id, method, paramsOf(exchange, id)),
        lane: isListen ? 'streams' : 'calls',
      },
      onMessage: (_, bytes) => this.#onMessage(exchange, { id, call, bytes }),
      onSettled: () => group.delete(id),
    };
    return callServer(this.#http, plan, (started) => {
      call = started;
      if (!started.settled) group.set(id, started);
    });
  }

  /** Why no request can be sent now. */
  #refusal(running: number, what: string): Error | undefined {
    const { failures, connect } = this.#http;
    if (this.#over) return failures.unavailable('The connection has ended.', false);
    const { inFlight } = connect.limits;
    return running >= inFlight ? failures.overloaded(`${inFlight} ${what} at a time`) : undefined;
  }

  /** @throws UPSTREAM_PROTOCOL for a question: the modern era has none on the wire. */
  #onMessage(exchange: Exchange, on: { id: number; call: Call | undefined; bytes: Uint8Array }): void {
    const { connect, failures } = this.#http;
    const { method: requested, params: asked } = exchange.request;
    const message = parseIncoming(on.bytes, connect.limits.messageBytes);
    if (message.kind === 'request') {
      throw failures.protocol('It sent a request, which servers of its era do not.', mayAct(requested));
    }
    if (message.kind !== 'notification') return;
    const notification = { method: message.method, params: message.params };
    if (message.method === 'notifications/progress') {
      const token = progressTokenOf(asked);
      const isOurs = message.params['progressToken'] === on.id && token !== undefined;
      if (isOurs) exchange.notify(withOriginalToken(notification, token));
    } else if (message.method === 'notifications/cancelled') {
      // One page of the specification ends a subscription with its result, another one with this: both are accepted.
      if (requested === LISTEN && message.params['requestId'] === on.id) on.call?.succeedWith(COMPLETE);
    } else exchange.notify(notification);
  }

  #toOutcome({ request }: Exchange, reply: CallReply): Outcome {
    const { failures } = this.#http;
    if (reply.kind === 'refused') throw failures.refused(reply.status, mayAct(request.method));
    if (reply.id === undefined && reply.head.status === 400 && errorCode(reply) === -32000) {
      // So speaks a server of the legacy era that was put in the place of this one: it has to be probed anew.
      const reason = failures.unavailable('It no longer speaks the modern era.', false);
      if (!this.#over) this.#http.connect.onClose(reason);
      this.#over = true;
      throw reason;
    }
    if (reply.passed !== undefined) return passedOutcome(this.era, reply.passed);
    const isList = reply.member === 'result' && request.method === 'tools/list';
    const bytes = isList ? this.#mirrored.learn(request, reply.bytes) : reply.bytes;
    return { kind: reply.member, era: 'modern', payload: Payload.ofBytes(bytes) };
  }

  /** Reads the list of tools again, for the headers they want. @throws UPSTREAM_* */
  async #relist(): Promise<void> {
    let params: JsonObject = {};
    for (let page = 0; page < MAX_LIST_PAGES; page++) {
      const request: McpRequest = { method: 'tools/list', params };
      const id = this.#http.nextId();
      const body = requestBytes(id, 'tools/list', withClientFacts(params, declaredClient(this.#http.connect)));
      // oxlint-disable-next-line no-await-in-loop -- each page names the next
      const reply = await callServer(this.#http, {
        id,
        method: 'tools/list',
        until: this.#lifetime,
        timeout: this.#http.connect.spec.callTimeout,
        request: { method: 'POST', headers: this.#lists.of(request), body, lane: 'calls' },
        onMessage: () => {},
      });
      if (reply.kind === 'refused' || reply.member === 'error') return;
      this.#mirrored.learn(request, reply.bytes);
      const cursor = nextCursor(reply.bytes);
      if (cursor === undefined) return;
      params = { cursor };
    }
  }

  async #end(): Promise<void> {
    this.#over = true;
    this.#lifetime.abort(this.#http.failures.unavailable('The connection was closed.', false));
    for (const call of [...this.#calls.values(), ...this.#listens.values()])
      call.interrupt('The connection was closed.');
    await this.#http.link.close();
  }
}

function paramsOf({ request, client, logLevel }: Exchange, id: number): JsonObject {
  const { params } = request;
  const sent = progressTokenOf(params) === undefined ? params : withProgressToken(params, id);
  return withClientFacts(sent, client, logLevel);
}

/** Only headers of this kind are the client's to set. */
function passed(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers)
    .filter(([name]) => /^mcp-param-[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))
    .flat();
}

function nextCursor(result: Uint8Array): string | undefined {
  try {
    const cursor = memberBytes(result, 'nextCursor');
    const value = cursor === undefined ? undefined : Payload.ofBytes(cursor).value();
    return typeof value === 'string' ? value : undefined;
  } catch {
    // A page that cannot be read is the last one: only headers are wanted of it.
    return undefined;
  }
}

const COMPLETE = Buffer.from('{"resultType":"complete"}');
