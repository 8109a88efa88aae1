import { createCallLimit } from '@hostler/host';
import type { CallLimit, Counting } from '@hostler/host';
import type { ConsumerSpec } from '@hostler/config';
import type { CallLimitSpec, Consumer } from '@hostler/kernel';

/** How much each consumer may ask for, by the plan in force. */
export interface Limits {
  /** Undefined: as much as it likes. */
  of(consumer: Consumer): CallLimit | undefined;
  /** What is bounded elsewhere, such as its streams. */
  specOf(consumer: Consumer): CallLimitSpec | undefined;
  /** What a consumer used up, and what of it runs, stays counted. */
  change(consumers: readonly ConsumerSpec[] | undefined): void;
}

interface OwnLimit {
  readonly spec: CallLimitSpec;
  readonly limit: CallLimit;
}

export function createLimits(first: readonly ConsumerSpec[] | undefined, counting: Counting): Limits {
  const limits = new Map<string, OwnLimit>();

  function change(consumers: readonly ConsumerSpec[] = []): void {
    const limited = consumers.filter(({ limits: spec }) => spec !== undefined).map(({ name }) => name);
    for (const [name, { limit }] of limits) {
      if (limited.includes(name)) continue;
      // Whoever waits has nothing to wait for any more.
      limit.change({});
      limits.delete(name);
    }
    for (const { name, limits: spec } of consumers) {
      if (spec === undefined) continue;
      const known = limits.get(name)?.limit;
      known?.change(spec);
      limits.set(name, { spec, limit: known ?? createCallLimit(spec, counting, name) });
    }
  }

  change(first);
  return { of: ({ name }) => limits.get(name)?.limit, specOf: ({ name }) => limits.get(name)?.spec, change };
}
