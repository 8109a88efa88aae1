import type { PlanDiff } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import type { UpstreamSpec } from '@hostler/kernel';
import type { Pool } from '@hostler/upstream';

/** A server that did not come up in its new form. */
export interface ServerFailure {
  readonly name: string;
  readonly code: string;
  /** A safe sentence, with the mend where one is known. */
  readonly problem: string;
  /** Whether it still runs in its old form. */
  readonly kept: boolean;
}

export interface Reconciled {
  /** The changed servers that are not up in their new form. */
  readonly failed: readonly ServerFailure[];
  /** Settles when nothing is left of what was removed or replaced. Never rejects. */
  readonly drained: Promise<void>;
}

export interface ReconcileOptions {
  readonly pool: Pool;
  /** Between what runs and what should. */
  readonly diff: Pick<PlanDiff, 'added' | 'changed' | 'removed'>;
  /** The order in which servers stand; of two that offer the same, the first is served. */
  readonly order: readonly string[];
  /** Milliseconds for calls under way on a server that goes. */
  readonly grace: number;
}

/** Servers that may start in the place of others at the same time. */
const REPLACEMENTS_AT_A_TIME = 8;

/** Makes the pool run what it should. Resolves when every server that goes is out of the way of new calls. */
export async function reconcile({ pool, diff, order, grace }: ReconcileOptions): Promise<Reconciled> {
  const failed: ServerFailure[] = [];
  const drains: Promise<unknown>[] = diff.removed.map((name) => pool.remove(name, grace));
  for (const spec of diff.added) pool.add(spec);
  const waiting = diff.changed.map(({ to }) => to);
  const replaceNext = async (): Promise<void> => {
    for (let spec = waiting.shift(); spec; spec = waiting.shift()) {
      const { drained, failure } = await replace(pool, spec, grace);
      drains.push(drained);
      if (failure) failed.push(failure);
    }
  };
  await Promise.all(Array.from({ length: REPLACEMENTS_AT_A_TIME }, replaceNext));
  pool.arrange(order);
  return { failed, drained: Promise.allSettled(drains).then(() => undefined) };
}

interface Replaced {
  readonly drained: Promise<void>;
  readonly failure?: ServerFailure;
}

/** Resolves when the new one has taken over, or has failed to; not only when the old one is gone. */
async function replace(pool: Pool, spec: UpstreamSpec, grace: number): Promise<Replaced> {
  const switched = Promise.withResolvers<void>();
  const unsubscribe = pool.onEvent((event) => {
    if (event.kind === 'state' && event.state.name === spec.name && pool.spec(spec.name) === spec) switched.resolve();
  });
  const replacing = pool.replace(spec, grace);
  // After the switch a failure of the old one's end is no failure of the new one.
  const drained = replacing.catch(() => undefined);
  const error = await Promise.race([switched.promise, replacing.catch((reason: unknown) => reason)]);
  unsubscribe();
  const failure = failureOf(pool, spec, error);
  return failure === undefined ? { drained } : { drained, failure };
}

function failureOf(pool: Pool, spec: UpstreamSpec, error: unknown): ServerFailure | undefined {
  const { name } = spec;
  const state = pool.states().find((candidate) => candidate.name === name);
  const kept = pool.spec(name) !== spec;
  if (!kept && state?.status === 'up') return undefined;
  if (!kept && state) {
    const { problem = 'It is not up.', problemCode: code = 'UPSTREAM_UNAVAILABLE' } = state;
    return { name, code, problem, kept };
  }
  const details = isHostlerError(error) ? error.details : {};
  const message = error instanceof Error ? error.message : 'It is not up.';
  const problem = typeof details['problem'] === 'string' ? details['problem'] : message;
  return { name, code: isHostlerError(error) ? error.code : 'UPSTREAM_UNAVAILABLE', problem, kept };
}

/**
 * Waits until the first attempt to start these servers has come to an end, or the signal fires. Those that went meanwhile
 * are not waited for.
 */
export async function untilStarted(pool: Pool, names: readonly string[], signal: AbortSignal): Promise<void> {
  const isStarting = (): boolean =>
    !signal.aborted && pool.states().some(({ name, status }) => status === 'starting' && names.includes(name));
  if (!isStarting()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = (): void => {
    if (!isStarting()) resolve();
  };
  const unsubscribe = pool.onEvent(check);
  signal.addEventListener('abort', check, { once: true });
  await promise;
  signal.removeEventListener('abort', check);
  unsubscribe();
}
