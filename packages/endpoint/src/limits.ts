/** Bounds on what clients may make us hold and wait for. Times in milliseconds, sizes in bytes. */
export interface EndpointLimits {
  /** One message from a client: an HTTP body, a stdio line. */
  readonly messageBytes: number;
  /** From the head of a request to the end of its body. */
  readonly bodyTimeout: number;
  /** Legacy sessions at a time. A new one takes the place of an idle one of who has the most; without any it is refused. */
  readonly sessions: number;
  /** Legacy sessions of one consumer, unless it has a bound of its own; where nobody proves who they are: all. */
  readonly sessionsPerConsumer: number;
  /** A legacy session without an open stream and without a request in flight ends after this. */
  readonly sessionIdle: number;
  /** After this long without a stream and a request, what servers hold for a legacy session alone is let go. */
  readonly sessionRest: number;
  /** Requests in flight over the whole endpoint. */
  readonly inFlight: number;
  /** Of those, the ones of one consumer; where nobody proves who they are: all. */
  readonly inFlightPerConsumer: number;
  /** Requests in flight in one legacy session, or on one stdio connection. */
  readonly inFlightPerSession: number;
  /** Long-lived streams (`GET`, `subscriptions/listen`, HTTP+SSE, WebSocket) over the whole endpoint. */
  readonly streams: number;
  /** Long-lived streams of one consumer, unless it has a bound of its own. */
  readonly streamsPerConsumer: number;
  /** What may wait in memory for a slow reader before its event stream is ended, or stdio is read no further. */
  readonly streamBytes: number;
  /** What may wait in memory for a client on stdio, HTTP+SSE or WebSocket that does not read, before it is given up. */
  readonly pipeBytes: number;
  /** A reader that takes nothing for this long is cut off; large answers add time at 64 KiB per second. */
  readonly stallTimeout: number;
  /** An answer that takes longer becomes an event stream, so that proxies see life. */
  readonly streamAfter: number;
  /** Between keep-alive comments on an idle stream. */
  readonly keepAlive: number;
  /** For a client, and the person in front of it, to answer one question. */
  readonly askTimeout: number;
  /** Questions open at a time in one session, or in one call of a modern client. */
  readonly questionsPerSession: number;
  /** Rounds of questions that one request may take where the eras of client and server differ. */
  readonly inputRounds: number;
  /** Calls of modern clients over the whole endpoint that wait for an answer between two requests. */
  readonly parkedCalls: number;
  /** Such calls of one consumer. */
  readonly parkedCallsPerConsumer: number;
  /** Open questions, and results that nobody has come back for, of one consumer. */
  readonly parkedBytesPerConsumer: number;
  /** For a modern client to come back with what it was asked for. */
  readonly parkedFor: number;
  /** Requests of one consumer that modern servers wait to get back with input; the oldest is forgotten. */
  readonly inputStatesPerConsumer: number;
}

/** Bounds of one consumer that are others than the usual ones. */
export interface ConsumerBounds {
  readonly sessions?: number;
  readonly streams?: number;
}

export const defaultEndpointLimits: EndpointLimits = {
  messageBytes: 4 * 1024 * 1024,
  bodyTimeout: 30_000,
  sessions: 10_000,
  sessionsPerConsumer: 1_000,
  sessionIdle: 30 * 60_000,
  sessionRest: 2 * 60_000,
  inFlight: 4_096,
  inFlightPerConsumer: 1_024,
  inFlightPerSession: 256,
  streams: 1_024,
  streamsPerConsumer: 64,
  streamBytes: 1024 * 1024,
  pipeBytes: 16 * 1024 * 1024,
  stallTimeout: 30_000,
  streamAfter: 10_000,
  keepAlive: 15_000,
  askTimeout: 5 * 60_000,
  questionsPerSession: 64,
  inputRounds: 8,
  parkedCalls: 512,
  parkedCallsPerConsumer: 64,
  parkedBytesPerConsumer: 16 * 1024 * 1024,
  parkedFor: 10 * 60_000,
  inputStatesPerConsumer: 1_000,
};
