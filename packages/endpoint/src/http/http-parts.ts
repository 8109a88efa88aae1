import type { EndpointParts } from '../core/endpoint-parts.ts';
import type { InFlight } from '../core/in-flight.ts';
import type { Pulse } from './pulse.ts';
import type { SessionTable } from './session-table.ts';
import type { StreamQuota } from './stream-quota.ts';

/** What the HTTP face works with beside what every face has. */
export interface HttpParts extends EndpointParts {
  readonly pulse: Pulse;
  readonly sessions: SessionTable;
  readonly streams: StreamQuota;
  readonly inFlight: InFlight;
  readonly state: { closing: boolean };
}
