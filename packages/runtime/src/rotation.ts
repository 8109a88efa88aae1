import type { Clock, Logger, UpstreamSpec } from '@hostler/kernel';
import { isHostlerError } from '@hostler/kernel';
import type { SecretChange, SecretResolver } from '@hostler/secrets';
import { untilAborted } from '@hostler/upstream';
import type { Pool, UpstreamState } from '@hostler/upstream';
import { inParallel } from './in-parallel.ts';
import { createRecentReads } from './recent-reads.ts';
import { referencesOf } from './secret-uses.ts';
import type { FailingRotation, RenewedServer, RotationCounts, RotationReport, SecretProblem } from './secrets.ts';
import { createServerRenewals } from './server-renewals.ts';

export interface RotationOptions {
  readonly pool: Pick<Pool, 'states' | 'spec' | 'runningSpecs' | 'renewSecrets'>;
  readonly resolver: Pick<SecretResolver, 'onChange' | 'refresh' | 'status'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Fires when the host stops. */
  readonly closing: AbortSignal;
  /** From 0 to 1, for the pauses between tries; default `Math.random`. */
  readonly random?: () => number;
}

/** Brings changed secrets to the servers that use them. */
export interface Rotation {
  /** Reads these again. @throws the reason of the signal */
  rotate(references: readonly string[], signal: AbortSignal): Promise<RotationReport>;
  failing(): readonly FailingRotation[];
  counts(): RotationCounts;
}

type Renewing = Promise<RenewedServer | undefined>;
type Observer = (reference: string, renewing: readonly Renewing[]) => void;

export function createRotation(options: RotationOptions): Rotation {
  const { pool, resolver, clock, log, closing, random = Math.random } = options;
  const observers = new Set<Observer>();
  const reads = createRecentReads({ resolver, clock, closing });
  // A user and a password that were changed together are seen at different times: half of them must not be tried.
  const freshen = (server: string): Promise<void> => reads.freshen(pool.runningSpecs(server));
  const renewals = createServerRenewals({ pool, clock, log, closing, random, freshen });

  function onChange({ reference, previous }: SecretChange): void {
    if (closing.aborted) return;
    reads.changed(reference);
    const isNews = (state: UpstreamState): boolean => previous === 'other' || goesWithout(state, reference);
    const renewing = serversOf(reference)
      .filter(isNews)
      .map(({ name }) => renewals.request(name));
    for (const observe of observers) observe(reference, renewing);
  }

  function serversOf(reference: string): UpstreamState[] {
    const uses = (spec: UpstreamSpec): boolean => referencesOf(spec).includes(reference);
    return pool.states().filter(({ name }) => pool.runningSpecs(name).some(uses));
  }

  const unsubscribe = resolver.onChange(onChange);
  closing.addEventListener('abort', unsubscribe, { once: true });

  return {
    async rotate(references, signal) {
      const changed = new Set<string>();
      const renewing: Renewing[] = [];
      const observe: Observer = (reference, begun) => {
        changed.add(reference);
        renewing.push(...begun);
      };
      observers.add(observe);
      try {
        const failed = await refreshAll(resolver, references, signal);
        // Whoever asks now need not wait for the next try of those that failed before.
        const failing = new Set(renewals.failing().map(({ server }) => server));
        for (const { name } of references.flatMap(serversOf))
          if (failing.has(name)) renewing.push(renewals.request(name));
        const outcomes = await untilAborted(signal, Promise.all(renewing));
        return { changed: [...changed], failed, servers: lastOfEach(outcomes) };
      } finally {
        observers.delete(observe);
      }
    },
    failing: () => renewals.failing(),
    counts: () => renewals.counts(),
  };
}

/** Whether it waits for this value: it runs without it, or does not run. One that starts reads it by itself. */
function goesWithout({ missing = [], status, phase }: UpstreamState, reference: string): boolean {
  return missing.some((one) => one.reference === reference) || (status === 'blocked' && phase === 'closed');
}

/** Those that cannot be read. @throws the reason of the signal */
async function refreshAll(
  resolver: Pick<SecretResolver, 'refresh'>,
  references: readonly string[],
  signal: AbortSignal,
): Promise<readonly SecretProblem[]> {
  const failed: SecretProblem[] = [];
  await inParallel(references, async (reference) => {
    try {
      await resolver.refresh(reference, signal);
    } catch (error) {
      signal.throwIfAborted();
      const message = isHostlerError(error) ? error.message : 'It cannot be read.';
      failed.push({ reference, code: isHostlerError(error) ? error.code : 'SECRET_UNAVAILABLE', problem: message });
    }
  });
  return failed;
}

function lastOfEach(outcomes: readonly (RenewedServer | undefined)[]): readonly RenewedServer[] {
  const byName = new Map<string, RenewedServer>();
  for (const outcome of outcomes) if (outcome !== undefined) byName.set(outcome.name, outcome);
  return [...byName.values()];
}
