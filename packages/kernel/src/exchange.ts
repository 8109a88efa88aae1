import type { Client, Consumer } from './client.ts';
import type { CountedRate } from './rates.ts';
import type { Era } from './era.ts';
import type { ClientAnswer, ClientRequest, McpRequest, Notification } from './message.ts';
import type { Payload } from './payload.ts';

/**
 * What of the host the client addressed: everything it may see under public names, or of that what one bundle holds; or one
 * server under its own names.
 */
export type Scope =
  | { readonly kind: 'all'; readonly bundle?: string }
  | { readonly kind: 'server'; readonly name: string };

/**
 * Everything that may happen between a client's request and its outcome, in either era. Endpoints create it, the host
 * passes it on, upstream connections answer it.
 */
export interface Exchange {
  /** For logs and `data.requestId` of errors. */
  readonly id: string;
  readonly request: McpRequest;
  readonly scope: Scope;
  readonly consumer: Consumer;
  readonly client: Client;
  /** How it came: `mcp`, `ws`, `stdio`, `rest`, `cli`; absent: not known. */
  readonly entry?: string | undefined;
  /** The `traceparent` it was carried with; what its own `_meta` says counts before that. */
  readonly traceParent?: string | undefined;
  /** The log level this request asked for; absent: it wants no logs (modern) or follows its session (legacy). */
  readonly logLevel?: string | undefined;
  /** `Mcp-Param-*` headers of the request, lower-case names, as received; to be passed to a modern HTTP upstream. */
  readonly parameterHeaders?: Readonly<Record<string, string>> | undefined;
  /** Fires when the client cancelled or is gone, when the deadline has passed, or at shutdown; `reason` tells which. */
  readonly signal: AbortSignal;
  /** Delivers a notification that belongs to this request: always before its outcome. */
  notify(notification: Notification): void;
  /** Told of each rate that the request was counted against, or refused for. */
  counted?(rate: CountedRate): void;
  /**
   * Puts a server's question to the client and waits.
   * @param signal fires when the server no longer wants the answer: the question is withdrawn
   * @throws when this client cannot be asked or a signal fires
   */
  ask(request: ClientRequest, signal?: AbortSignal): Promise<ClientAnswer>;
}

/**
 * What a request came to: the JSON-RPC `result` or `error` member as its sender wrote it, in the form of the sender's
 * era. A modern `result` may be `complete`, `input_required` or a task; its `resultType` says so.
 */
export interface Outcome {
  readonly kind: 'result' | 'error';
  readonly era: Era;
  readonly payload: Payload;
}
