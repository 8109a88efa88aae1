/** Bounds on what a connection may cost before a request has arrived. Milliseconds, unless the name says otherwise. */
export interface ServerLimits {
  /** From the first byte of a request to the end of its headers. */
  readonly headersTimeout: number;
  /** From the first byte of a request to its last. */
  readonly requestTimeout: number;
  /** An idle connection stays open for the next request. */
  readonly keepAliveTimeout: number;
  /** How often the two request timeouts are looked at. */
  readonly checkInterval: number;
  readonly headerBytes: number;
  /** Open connections; more are closed at once. */
  readonly connections: number;
}

export const defaultServerLimits: ServerLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than common load balancers keep theirs (60 s), so that it is never us who closes a connection in use.
  keepAliveTimeout: 65_000,
  checkInterval: 2_000,
  headerBytes: 16 * 1024,
  connections: 2_048,
};
