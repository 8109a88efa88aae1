import type { Exchange, McpRequest, Outcome } from '@hostler/kernel';

/** Where a request leads, when that is known. */
export interface CallTarget {
  /** A group where one stands in its servers' place. */
  readonly server: string;
  /** Under the server's own names. */
  readonly request: McpRequest;
  /** It may change something: false for reads, and for tools that say so of themselves. */
  readonly mayChange: boolean;
}

/** The record of one request, from before anything is known of it. */
export interface CallRecord {
  /**
   * It is about to be sent.
   * @returns what has to be waited for before that
   * @throws and rejects with the error that the call shall end in
   */
  intent(target: CallTarget): Promise<void> | undefined;
  /** The last word: this, or `failed`. */
  outcome(outcome: Outcome, facts: { readonly isToolError: boolean }): void;
  /** It failed or was given up; without an intent before, it was refused. */
  failed(thrown: unknown): void;
}

/** Writes down what is asked of servers, and what is refused. */
export interface CallAudit {
  /** @throws when nothing can be written, and nothing shall be done then */
  begin(exchange: Exchange): CallRecord;
}
