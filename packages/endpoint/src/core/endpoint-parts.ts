import type { Clock, Consumer, Logger, Scope } from '@hostler/kernel';
import type { Host } from '@hostler/host';
import type { EndpointLimits } from '../limits.ts';
import type { RequestStates } from './request-states.ts';
import type { ServerInfos } from './server-infos.ts';

/** Who calls, and what of the host they address. Both are facts before the first message is read. */
export interface Caller {
  readonly scope: Scope;
  readonly consumer: Consumer;
  /** See `Exchange`; absent: `mcp`. */
  readonly entry?: string;
  /** See `Exchange`. */
  readonly traceParent?: string | undefined;
}

/** The same bytes when there is nothing to mask. */
export type Redact = (bytes: Uint8Array) => Uint8Array;

/** What every face works with. */
export interface EndpointParts {
  readonly host: Host;
  readonly log: Logger;
  readonly clock: Clock;
  readonly limits: EndpointLimits;
  readonly serverInfos: ServerInfos;
  readonly states: RequestStates;
  /** Behind every id that a client brings back: tells which of several processes gave it out. Empty where there is one. */
  readonly mark: string;
  /** Masks secrets in errors: they are the host's own words, which no guard of a server sees. */
  readonly redact: Redact;
}
