import type { Clock, UpstreamSpec } from '@hostler/kernel';
import type { SecretResolver } from '@hostler/secrets';
import { referencesOf } from './secret-uses.ts';

export interface RecentReadsOptions {
  readonly resolver: Pick<SecretResolver, 'refresh' | 'status'>;
  readonly clock: Clock;
  /** Fires when the host stops. */
  readonly closing: AbortSignal;
}

/** Knows which values are of just now, so that those of one server can be read together and no more than that. */
export interface RecentReads {
  /** A read brought another value. */
  changed(reference: string): void;
  /** Reads the secrets of a server again, except those that were read just now. Never rejects. */
  freshen(specs: readonly UpstreamSpec[]): Promise<void>;
}

/** Milliseconds for which a value that was just read counts as the present one. */
const JUST_READ = 1_000;
/**
 * The same for one that was another one at every read: twice as long each time, up to this. Some backends make a new value
 * for whoever asks, and servers that share such ones would start each other anew for ever.
 */
const LONGEST = 600_000;

interface Read {
  readonly at: number;
  /** How many reads in a row brought another value. */
  readonly changes: number;
}

export function createRecentReads({ resolver, clock, closing }: RecentReadsOptions): RecentReads {
  const recent = new Map<string, Read>();

  async function readAgain(reference: string, at: number): Promise<void> {
    const { changes = 0 } = recent.get(reference) ?? {};
    const read = { at, changes };
    recent.set(reference, read);
    await resolver.refresh(reference, closing);
    if (recent.get(reference) === read) recent.set(reference, { at, changes: 0 });
  }

  return {
    changed(reference) {
      recent.set(reference, { at: clock.now(), changes: (recent.get(reference)?.changes ?? 0) + 1 });
    },
    async freshen(specs) {
      const pinned = new Set(resolver.status().flatMap((status) => (status.pinned ? [status.reference] : [])));
      const now = clock.now();
      for (const [reference, { at }] of recent) if (now - at >= LONGEST) recent.delete(reference);
      const due = [...new Set(specs.flatMap(referencesOf))].filter(
        (reference) => !pinned.has(reference) && !isFresh(recent.get(reference), now),
      );
      // One that cannot be read keeps its value; the renewal itself says when there is none.
      await Promise.allSettled(due.map((reference) => readAgain(reference, now)));
    },
  };
}

/** The first change says nothing yet: most secrets are changed now and then. */
function isFresh(last: Read | undefined, now: number): boolean {
  if (last === undefined) return false;
  return now - last.at < Math.min(LONGEST, JUST_READ * 2 ** Math.max(0, last.changes - 1));
}
