import type { Json, JsonObject } from './json.ts';

/**
 * A client's request without its envelope. `params._meta` holds what the client put there except the keys with which the
 * modern era describes the client (`io.modelcontextprotocol/protocolVersion`, `clientInfo`, `clientCapabilities`,
 * `logLevel`): those are facts of the exchange.
 */
export interface McpRequest {
  readonly method: string;
  readonly params: JsonObject;
}

/** A notification to the client: progress, a log message, a changed list. */
export interface Notification {
  readonly method: string;
  readonly params?: JsonObject;
}

/** A server's question to the client: elicitation, sampling, roots. */
export interface ClientRequest {
  readonly method: string;
  readonly params?: JsonObject;
}

/** The client's answer: its result, or the JSON-RPC error it gave. */
export type ClientAnswer =
  | { readonly kind: 'result'; readonly result: Json }
  | { readonly kind: 'error'; readonly error: JsonObject };
