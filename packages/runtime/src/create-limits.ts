import { createCallLimit } from '@hostler/host';
import type { CallLimit } from '@hostler/host';
import type { Clock, Consumer, ConsumerSpec } from '@hostler/kernel';

/** How much each consumer may ask for, by the plan in force. */
export interface Limits {
  /** Undefined: as much as it likes. */
  of(consumer: Consumer): CallLimit | undefined;
  /** What a consumer used up, and what of it runs, stays counted. */
  change(consumers: readonly ConsumerSpec[] | undefined): void;
}

export function createLimits(first: readonly ConsumerSpec[] | undefined, clock: Pick<Clock, 'now'>): Limits {
  const limits = new Map<string, CallLimit>();

  function change(consumers: readonly ConsumerSpec[] = []): void {
    const limited = consumers.filter(({ limits: spec }) => spec !== undefined).map(({ name }) => name);
    for (const name of limits.keys()) if (!limited.includes(name)) limits.delete(name);
    for (const { name, limits: spec } of consumers) {
      if (spec === undefined) continue;
      const known = limits.get(name);
      if (known === undefined) limits.set(name, createCallLimit(spec, clock));
      else known.change(spec);
    }
  }

  change(first);
  return { of: ({ name }) => limits.get(name), change };
}
