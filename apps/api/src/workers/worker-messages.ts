import type { HostPlan, LogSpec } from '@hostler/config';
import type { EndpointLimits } from '@hostler/endpoint';
import type { ServerLimits } from '../server-limits.ts';

/** What a worker is from its start. Comes over the channel to its parent alone, so that nobody else sees it. */
export interface WorkerStart {
  readonly kind: 'start';
  /** From 1. */
  readonly place: number;
  /** How many there are. */
  readonly workers: number;
  readonly plan: HostPlan;
  readonly limits: ServerLimits;
  readonly endpointLimits: Partial<EndpointLimits>;
  readonly isExposed: boolean;
  readonly hasPort: boolean;
  /** A folder that only this user can look into, with a socket for each process. */
  readonly folder: string;
  /** What who connects to such a socket has to know. */
  readonly token: string;
  readonly taskKey: Uint8Array;
  /** As the first process was given it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export type ToWorker =
  | WorkerStart
  /** With a socket beside it, and what was read of it. */
  | { readonly kind: 'connection'; readonly head?: Uint8Array }
  | { readonly kind: 'plan'; readonly plan: HostPlan }
  | { readonly kind: 'restart'; readonly server: string }
  | { readonly kind: 'log'; readonly levels: LogSpec }
  | { readonly kind: 'metrics'; readonly number: number }
  /** Sent again it means: now. */
  | { readonly kind: 'close'; readonly grace: number };

export type FromWorker =
  | { readonly kind: 'listening' }
  | { readonly kind: 'state'; readonly phase: 'starting' | 'running' | 'stopping'; readonly ready: boolean }
  | { readonly kind: 'metrics'; readonly number: number; readonly text: string };
