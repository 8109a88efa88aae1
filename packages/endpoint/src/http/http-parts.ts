import type { Consumer } from '@hostler/kernel';
import type { EndpointParts } from '../core/endpoint-parts.ts';
import type { InFlight } from '../core/in-flight.ts';
import type { HttpRequest, HttpResponse } from './http-messages.ts';
import type { OpenStreams } from './open-streams.ts';
import type { Pulse } from './pulse.ts';
import type { SessionTable } from './session-table.ts';

/** What the HTTP face works with beside what every face has. */
export interface HttpParts extends EndpointParts {
  readonly pulse: Pulse;
  readonly sessions: SessionTable;
  readonly streams: OpenStreams;
  readonly inFlight: InFlight;
  readonly state: { closing: boolean };
  /** Whether what this consumer has shown is still good: it may have been taken back while a body was on its way. */
  readonly isGood: (consumer: Consumer) => boolean;
  /** Absent where no other process serves the same clients. */
  readonly elsewhere?: Elsewhere;
}

/** What takes a request to the process that gave its `requestState` out; undefined: that is this one, or none. */
export type Elsewhere = (requestState: string) => ((posted: Posted) => void) | undefined;

/** A request whose body has been read. */
export interface Posted {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly body: Uint8Array;
}
