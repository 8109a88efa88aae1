import type { Clock, Logger } from '@hostler/kernel';
import type { Redactor } from '../redactor/redactor.ts';
import { LeakCounts } from './leak-counts.ts';
import type { LeakCount } from './leak-counts.ts';
import { DEFAULT_LEAK_POLICY } from './leak-policy.ts';
import type { LeakPolicy } from './leak-policy.ts';
import type { MessageScreen } from './message-screen.ts';
import { ServerScreen } from './server-screen.ts';

/** Keeps secrets of this host out of what servers say to clients, and out of what clients say to servers. */
export interface LeakGuard {
  /** @param owned references of the secrets that were given to this server: they may be said to it */
  screen(server: string, owned: readonly string[]): MessageScreen;
  /** Holds for every screen from the next message on. */
  setPolicy(policy: LeakPolicy): void;
  counts(): readonly LeakCount[];
}

export interface LeakGuardOptions {
  readonly redactor: Redactor;
  /** Default: results are masked, arguments are refused. */
  readonly policy?: LeakPolicy;
  readonly log: Logger;
  readonly clock: Clock;
}

export function createLeakGuard({ redactor, policy: given, log, clock }: LeakGuardOptions): LeakGuard {
  const counts = new LeakCounts(log, clock);
  let policy = given ?? DEFAULT_LEAK_POLICY;
  return {
    screen: (server, owned) =>
      new ServerScreen({ redactor, counts, policy: () => policy, server, owned: new Set(owned) }),
    setPolicy(next) {
      policy = next;
    },
    counts: () => counts.list(),
  };
}
