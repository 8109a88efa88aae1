import type { Client, Consumer } from './client.ts';
import type { CountedRate } from './rates.ts';
import type { Era } from './era.ts';
import type { ClientAnswer, ClientRequest, McpRequest, Notification } from './message.ts';
import type { Payload } from './payload.ts';

/** What the client addressed: all it may see under public names (or a bundle of that), or one server under its own names. */
export type Scope =
  | { readonly kind: 'all'; readonly bundle?: string }
  | { readonly kind: 'server'; readonly name: string };

/** All that may happen between a request and its outcome, in either era. Endpoints create it, connections answer it. */
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
  /** As listening to `signal`, which need not be made for it: called once, at once if it has fired. @returns ends that */
  whenAborted?(listener: (reason: unknown) => void): () => void;
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
  /** Where a large result may be passed on while it arrives. Whoever has to see it whole hides this. */
  largeResult?(): ResultSink | undefined;
}

/** Takes a result in pieces. Once it has begun, the answer comes to its end or breaks off. */
export interface ResultSink {
  /** @returns whether it takes a result of this era. @param onDrain it takes more, after a `write` that said no */
  begin(era: Era, onDrain: () => void): boolean;
  /** @returns false when the next piece should wait */
  write(piece: Uint8Array): boolean;
  /** Asked after `write`: nothing of what was written is read any more, so its memory may be used again. Absent: it may be. */
  readonly keepsNothing?: boolean;
  end(): void;
}

/**
 * What a request came to: the JSON-RPC `result` or `error` member as its sender wrote it, in the form of the sender's
 * era. A modern `result` may be `complete`, `input_required` or a task; its `resultType` says so.
 */
export interface Outcome {
  readonly kind: 'result' | 'error';
  readonly era: Era;
  readonly payload: Payload;
  /** The result went to the sink of its exchange, and the payload is an empty object in its place. */
  readonly passed?: { readonly bytes: number; readonly isError: boolean };
}
