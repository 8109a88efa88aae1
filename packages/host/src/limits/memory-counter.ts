import type { Clock } from '@hostler/kernel';
import type { CallCounter, Counted, RateUse } from './call-counter.ts';
import { RateBucket } from './rate-bucket.ts';

export interface MemoryCounterOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Rates that are kept; the one that was used longest ago is forgotten first. */
  readonly entries: number;
}

export interface MemoryCounter extends CallCounter {
  take(uses: readonly RateUse[]): Counted;
}

/** Counts in this process alone. */
export function createMemoryCounter({ clock, entries }: MemoryCounterOptions): MemoryCounter {
  const buckets = new Map<string, RateBucket>();

  function bucketOf({ key, rate, burst }: RateUse, now: number): RateBucket {
    const known = buckets.get(key);
    const bucket = known ?? new RateBucket(rate, now, burst);
    if (known !== undefined) buckets.delete(key);
    else if (buckets.size >= entries) buckets.delete(buckets.keys().next().value as string);
    buckets.set(key, bucket);
    if (!bucket.is(rate, burst)) bucket.change(rate, now, burst);
    return bucket;
  }

  return {
    take(uses) {
      const now = clock.now();
      const used = uses.map((use) => bucketOf(use, now));
      const refused = used.findIndex((bucket) => bucket.wait(now) > 0);
      if (refused === -1) for (const bucket of used) bucket.add();
      return { busy: used.map((bucket) => bucket.busy()), ...(refused !== -1 && { refused }) };
    },
  };
}
