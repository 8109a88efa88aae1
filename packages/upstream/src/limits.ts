/** Bounds on what a server may make us hold. Bytes, unless the name says otherwise. */
export interface UpstreamLimits {
  /** One message from a server: a stdio line, an HTTP body after decoding, an SSE event. */
  readonly messageBytes: number;
  /** One message whose result is passed on while it arrives, and so is never held. */
  readonly passedBytes: number;
  /** One line of stderr that is logged whole; longer ones are cut. */
  readonly stderrLineBytes: number;
  /** Lines of stderr logged per second and server; the rest is counted. */
  readonly stderrLinesPerSecond: number;
  /** Calls that run at a time on all connections to one server, unless the server has a bound of its own. */
  readonly inFlight: number;
  /** Calls that wait for one of those to end. */
  readonly waiting: number;
  /** Bytes queued to a child that does not read its stdin. */
  readonly queuedBytes: number;
  /** Milliseconds without a word during calls after which a server is pinged. */
  readonly silence: number;
  /** Milliseconds for the answer to such a ping. */
  readonly pingTimeout: number;
  /** Connections of their own that clients of one server may hold at a time. */
  readonly ownConnections: number;
  /** Sets of credentials of one server that have connections at a time, where callers have their own. */
  readonly credentialSets: number;
  /** Milliseconds after which an unused connection of a client's own, or of its credentials, is closed. */
  readonly ownIdle: number;
  /** Milliseconds between the steps of a stop: stdin closed, SIGTERM, SIGKILL. */
  readonly stopStep: number;
}

export const defaultUpstreamLimits: UpstreamLimits = {
  messageBytes: 8 * 1024 * 1024,
  passedBytes: 64 * 1024 * 1024,
  stderrLineBytes: 4 * 1024,
  stderrLinesPerSecond: 200,
  inFlight: 128,
  waiting: 256,
  queuedBytes: 8 * 1024 * 1024,
  silence: 30_000,
  pingTimeout: 10_000,
  ownConnections: 32,
  credentialSets: 32,
  ownIdle: 15 * 60_000,
  stopStep: 2_000,
};
