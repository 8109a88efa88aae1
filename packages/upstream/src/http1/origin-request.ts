export interface OriginRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  /** With its query; the whole url for a forward proxy (RFC 9112, 3.2.2). */
  readonly path: string;
  /**
   * Names and values in turn, in a list that never changes. What delimits the body and what is said about the connection is
   * not theirs to say.
   */
  readonly headers: readonly string[];
  readonly body?: Uint8Array;
}
