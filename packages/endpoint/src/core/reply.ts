import type { CountedRate, Era, ResultSink } from '@hostler/kernel';
import type { MessageId } from '@hostler/protocol';

/** The one answer to a request. */
export interface Answer {
  /** A whole JSON-RPC response, in pieces, so that a large result need not be copied. */
  readonly message: readonly Uint8Array[];
  /** HTTP status where the answer is a response of its own; without meaning on a stream. */
  readonly status: number;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** Where one request is answered. After `finish` or `drop` everything else is ignored. */
export interface Reply {
  readonly id: MessageId;
  /** Whether a message can go out ahead of the answer without turning the answer into a stream. */
  readonly streaming: boolean;
  /** Told of each rate that the request was counted against; absent where there is no place to say it. */
  counted?(rate: CountedRate): void;
  /** Takes a large result of a client of this era while it arrives; absent where the answer has to be there whole. */
  large?(request: { readonly era: Era; readonly method: string }): ResultSink;
  /** Sends a message ahead of the answer. @returns false when this client cannot receive one here. */
  send(message: Uint8Array): boolean;
  finish(answer: Answer): void;
  /** Ends without an answer: the client gave the request up. */
  drop(): void;
}

/** Anything that carries messages to the client. */
export interface Outlet {
  /** @returns false when it has ended. */
  send(message: Uint8Array): boolean;
  end(): void;
}
