import type { JsonObject, UpstreamSpec } from '@hostler/kernel';
import type { LockFile, SuspiciousPolicy } from '@hostler/router';

/** How far definitions of servers are believed. */
export interface DefinitionTrust {
  /** What was approved; absent: nothing is compared. */
  readonly approved?: LockFile | undefined;
  /** What a server is, as it stands in the lockfile. */
  readonly sourceOf: (server: UpstreamSpec) => JsonObject;
  readonly suspicious: SuspiciousPolicy;
}

/** What a host does of which nothing is said. */
export const defaultTrust: DefinitionTrust = { sourceOf: () => ({}), suspicious: 'strip' };
