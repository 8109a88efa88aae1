import type { Audit } from '@hostler/audit';
import { createHost, createMemoryCounter } from '@hostler/host';
import type { Bundle, CallCounter } from '@hostler/host';
import type { Clock, Consumer, Logger, View } from '@hostler/kernel';
import { createLeakGuard, createRedactor } from '@hostler/secrets';
import type { LeakGuard, Redactor } from '@hostler/secrets';
import { createConnectors, createPool } from '@hostler/upstream';
import type { Connectors, Pool, PoolOptions } from '@hostler/upstream';
import { busyPollOf } from './busy-poll-of.ts';
import { systemClock } from './clock.ts';
import { createAudit } from './create-audit.ts';
import { createLimitParts } from './create-limit-parts.ts';
import { loadLock, trustOf } from './load-lock.ts';
import { createResolvers } from './create-resolvers.ts';
import type { Resolvers } from './create-resolvers.ts';
import { createTokens } from './create-tokens.ts';
import { createViews } from './create-views.ts';
import { createFileCatalogStore } from './file-catalog-store.ts';
import { noteDrift } from './note-drift.ts';
import { createLogs } from './logger.ts';
import type { Logs } from './logger.ts';
import type { RuntimeOptions } from './runtime.ts';
import { referencesOf } from './secret-uses.ts';
import { stateDirectory } from './state-directory.ts';

export type Parts = Awaited<ReturnType<typeof createParts>>;

/** What runs. */
export async function createParts(options: RuntimeOptions) {
  const { plan, environment, servers = [], worker } = options;
  // Before anything is there that would have to be closed again.
  const locked = await loadLock(plan);
  const base = await createBase(options);
  const { clock, redactor, logs, resolvers, guard, directory } = base;
  const log = logs.of('config');
  const tokens = createTokens({ plan, stateDirectory: directory, resolvers, redactor, clock, log: logs.of('auth') });
  const forPool = {
    log: logs.of('upstream'),
    clock,
    secrets: resolvers.all,
    connectors: withWorker(createConnectors({ baseEnvironment: environment, tokens }), worker),
    screen: screenWith(guard, worker),
  };
  const pool = createPool({ ...forPool, ...busyPollOf(options), specs: [...plan.servers, ...servers] });
  const store =
    directory === undefined
      ? undefined
      : createFileCatalogStore({ directory, log, redact: (text) => redactor.redact(text) });
  const views = createViews(plan);
  const viewOf = (consumer: Consumer): View => views.of(consumer);
  const bundleOf = (consumer: Consumer, name: string): Bundle | undefined => views.bundleOf(consumer, name);
  const limitParts = await createLimitParts({
    plan,
    secrets: resolvers.all,
    clock,
    log,
    together: together(options, clock),
  });
  const trust = trustOf(plan, locked);
  const { audit, inForce } = await createRecord(options, { directory, resolvers, redactor, clock, logs, pool });
  const host = createHost({
    pool,
    groups: plan.groups,
    log: logs.of('host'),
    clock,
    viewOf,
    bundleOf,
    ...limitParts.forHost,
    trust,
    tokens,
    ...(store && { store }),
    ...(worker && { taskKey: worker.taskKey }),
    ...(audit && { audit: audit.calls, onDrift: noteDrift(audit) }),
  });
  return {
    ...base,
    log,
    pool,
    views,
    ...limitParts,
    host,
    store,
    forPool,
    tokens,
    locked,
    audit,
    inForce,
  };
}

/** What everything else needs. */
async function createBase(options: RuntimeOptions) {
  const { plan, environment, logDestination = process.stderr, clock = systemClock } = options;
  const redactor = createRedactor({ clock, onOverflow: (references) => tellOnce(references) });
  const logs = createLogs({ levels: plan.log, destination: logDestination, redactor });
  const tellOnce = overflowLog(logs.of('secrets'));
  const resolvers = await createResolvers({
    plan,
    environment,
    redactor,
    clock,
    log: logs.of('secrets'),
    providers: options.providers ?? [],
  });
  const guard = createLeakGuard({ redactor, policy: plan.secrets.guard, log: logs.of('secrets'), clock });
  // What is kept on disk, one process keeps.
  const directory = options.worker === undefined ? stateDirectory(plan, environment) : undefined;
  return { clock, redactor, logs, resolvers, guard, directory };
}

interface RecordParts {
  readonly directory: string | undefined;
  readonly resolvers: Resolvers;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly logs: Pick<Logs, 'of'>;
  readonly pool: Pool;
}

/** Of what is done, and by which plan. */
async function createRecord(
  { plan, auditOutput: output = process.stdout, worker }: RuntimeOptions,
  { directory, resolvers, redactor, clock, logs, pool }: RecordParts,
): Promise<{ readonly audit: Audit | undefined; readonly inForce: { generation: number } }> {
  const inForce = { generation: 1 };
  const audit = await createAudit({
    plan,
    stateDirectory: directory,
    secrets: resolvers.all,
    redactor,
    clock,
    log: logs.of('audit'),
    output,
    generation: () => inForce.generation,
    specOf: (name) => pool.spec(name),
    recorder: worker?.recorder,
  });
  return { audit, inForce };
}

/** Where a server is another process's, that one looks: once is enough. */
function screenWith(guard: LeakGuard, worker: RuntimeOptions['worker']): NonNullable<PoolOptions['screen']> {
  return (spec) =>
    worker !== undefined && spec.transport.kind === 'stdio' ? undefined : guard.screen(spec.name, referencesOf(spec));
}

/** Processes of servers are another process's where that is so. */
function withWorker(connectors: Connectors, worker: RuntimeOptions['worker']): Connectors {
  return worker === undefined ? connectors : { ...connectors, stdio: worker.connectStdio };
}

/** Rates that are kept: far more than configurations have. */
const SHARED_RATES = 10_000;

/** Where one process counts for all workers. */
function together({ worker, workers = 1 }: RuntimeOptions, clock: Clock): CallCounter | undefined {
  return worker?.counter ?? (workers > 1 ? createMemoryCounter({ clock, entries: SHARED_RATES }) : undefined);
}

/** One that has no room is added again with every use. */
function overflowLog(log: Logger): (references: readonly string[]) => void {
  const told = new Set<string>();
  return (references) => {
    const fresh = references.filter((reference) => !told.has(reference));
    if (fresh.length === 0) return;
    for (const reference of fresh) told.add(reference);
    log.error({ references: fresh }, 'there are too many or too long secrets: these are not masked any more');
  };
}
