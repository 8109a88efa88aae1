import type { Clock, Logger, UpstreamSpec } from '@hostler/kernel';
import type { MessageScreen } from '@hostler/secrets';
import type { BusyPoll } from './busy-poll.ts';
import type { Connect, ConnectContext } from './connection.ts';
import type { UpstreamLimits } from './limits.ts';

/** How to connect, for each kind of transport. */
export type Connectors = Readonly<Record<UpstreamSpec['transport']['kind'], Connect>>;

export interface PoolOptions {
  readonly specs: readonly UpstreamSpec[];
  readonly log: Logger;
  readonly clock: Clock;
  readonly secrets: ConnectContext['secrets'];
  readonly connectors: Connectors;
  /** Those left out have their default, see `defaultUpstreamLimits`. */
  readonly limits?: Partial<UpstreamLimits>;
  /** Looks at what goes to and comes from a server, for each one; absent, or undefined for one: nobody does. */
  readonly screen?: (spec: UpstreamSpec) => MessageScreen | undefined;
  /** Keeps the process awake while it waits for an answer that comes at once. Absent: it sleeps. */
  readonly busyPoll?: BusyPoll;
  /** For jitter: from 0 to 1. */
  readonly random?: () => number;
}
