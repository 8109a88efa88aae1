import { isDeepStrictEqual } from 'node:util';
import { loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import { createHost } from '@hostler/host';
import type { CallLimit } from '@hostler/host';
import type { Consumer, Logger, UpstreamSpec, View } from '@hostler/kernel';
import { createLeakGuard, createRedactor } from '@hostler/secrets';
import { createConnectors, createPool } from '@hostler/upstream';
import type { Pool } from '@hostler/upstream';
import { systemClock } from './clock.ts';
import { createConfiguration } from './configuration.ts';
import { createConsumers } from './create-consumers.ts';
import { createLimits } from './create-limits.ts';
import { createResolvers } from './create-resolvers.ts';
import { createSecrets } from './create-secrets.ts';
import { createServers } from './create-servers.ts';
import { createViews } from './create-views.ts';
import { createFileCatalogStore } from './file-catalog-store.ts';
import { createLogger } from './logger.ts';
import type { AdjustableLogger } from './logger.ts';
import { createRotation } from './rotation.ts';
import { createRunningServers } from './running-servers.ts';
import type { RunningServers } from './running-servers.ts';
import type { Readiness, Runtime, RuntimeOptions } from './runtime.ts';
import { saveServers } from './save-servers.ts';
import { createSecretRefresh } from './secret-refresh.ts';
import { referencesOf } from './secret-uses.ts';
import { stateDirectory } from './state-directory.ts';
import { createServerTests } from './test-server.ts';
import { createFileWatch } from './watch-file.ts';

/**
 * Puts a host together from a plan. Nothing runs before `start`.
 * @throws PROVIDER_NOT_FOUND, PROVIDER_INVALID, PROVIDER_OPTION_UNREADABLE, SECRET_OPTIONS_INVALID
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const parts = await createParts(options);
  const { log, clock, redactor, pool, host } = parts;
  const closing = new AbortController();
  const changes = createChanges(parts, options, closing.signal);
  const { running, consumers, servers, configuration, watch, secrets, refresh } = changes;
  let phase: Readiness['phase'] = 'starting';
  let closed: Promise<void> | undefined;
  return {
    get plan() {
      return running.plan();
    },
    host,
    log,
    clock,
    anonymous: { name: 'anonymous' },
    consumers,
    servers,
    secrets,
    apply: (plan) => configuration.apply(plan),
    reload: () => configuration.reload(),
    async start() {
      if (running.plan().reload.watch && !closing.signal.aborted) watch.start();
      await Promise.all([consumers.start(), pool.start()]);
      // From here on there is something to look at again.
      refresh.start(running.plan().secrets.refresh);
      if (phase === 'starting') phase = 'running';
    },
    readiness: () => ({
      phase,
      ready: phase === 'running' && requiredAreUp(pool),
      servers: pool.states(),
      configuration: configuration.state(),
      secrets: secrets.readiness(),
    }),
    onEvent: (listener) => pool.onEvent(listener),
    redact: (text) => redactor.redact(text),
    redactBytes: (bytes) => redactor.redactBytes(bytes),
    close() {
      phase = 'stopping';
      watch.stop();
      refresh.stop();
      closing.abort();
      closed ??= closeAll(parts);
      return closed;
    },
  };
}

/** What runs. */
async function createParts(options: RuntimeOptions) {
  const { plan, environment, logDestination = process.stderr, servers = [], clock = systemClock } = options;
  const redactor = createRedactor({ clock, onOverflow: (references) => tellOnce(references) });
  const log: AdjustableLogger = createLogger({ level: plan.log.level, destination: logDestination, redactor });
  const tellOnce = overflowLog(log);
  const resolvers = await createResolvers({
    plan,
    environment,
    redactor,
    clock,
    log,
    providers: options.providers ?? [],
  });
  const guard = createLeakGuard({ redactor, policy: plan.secrets.guard, log, clock });
  const forPool = {
    log,
    clock,
    secrets: resolvers.all,
    connectors: createConnectors({ baseEnvironment: environment }),
    screen: (spec: UpstreamSpec) => guard.screen(spec.name, referencesOf(spec)),
  };
  const pool = createPool({ ...forPool, specs: [...plan.servers, ...servers] });
  const directory = stateDirectory(plan, environment);
  const store =
    directory === undefined
      ? undefined
      : createFileCatalogStore({ directory, log, redact: (text) => redactor.redact(text) });
  const views = createViews(plan.consumers);
  const viewOf = (consumer: Consumer): View => views.of(consumer);
  const limits = createLimits(plan.consumers, clock);
  const limitOf = (consumer: Consumer): CallLimit | undefined => limits.of(consumer);
  const host = createHost({ pool, groups: plan.groups, log, clock, viewOf, limitOf, ...(store && { store }) });
  return { log, clock, redactor, resolvers, guard, pool, views, limits, host, store, forPool };
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

type Parts = Awaited<ReturnType<typeof createParts>>;

/** What changes that while it runs. */
function createChanges(parts: Parts, options: RuntimeOptions, closing: AbortSignal) {
  const { log, clock, pool, host, forPool, guard, resolvers, limits } = parts;
  const { plan, environment, servers: mounted = [] } = options;
  const { load = async () => (await loadConfig(plan.source, { environment })).plan } = options;
  const running = createRunningServers({ pool, plan, mounted, closing });
  const consumers = createConsumers({ plan, secrets: resolvers.all, clock, log, closing });
  const { secrets, refresh } = createSecretChanges(parts, running, closing);
  const showViews = createViewChanges(parts, plan);
  let { groups } = plan;
  function prepare(current: HostPlan): () => void {
    const letIn = consumers.prepare(current);
    return () => {
      log.level = current.log.level;
      guard.setPolicy(current.secrets.guard);
      refresh.change(current.secrets.refresh);
      letIn();
      showViews(current);
      limits.change(current.consumers);
      if (!isDeepStrictEqual(groups, current.groups)) host.regroup((groups = current.groups));
      if (current.reload.watch && !closing.aborted) watch.start();
      else watch.stop();
    };
  }
  const configuration = createConfiguration({ plan, servers: running, log, load, prepare });
  const servers = createServers({
    pool,
    running,
    log,
    closing,
    test: createServerTests(forPool),
    save: () => saveServers(running),
  });
  // What went wrong is in the log and in the readiness.
  const onChange = (): void => void configuration.reload().catch(() => undefined);
  const watch = createFileWatch({ path: plan.source, clock, onChange });
  return { running, consumers, servers, configuration, watch, secrets, refresh };
}

/** Clients hear of it when they see other things from now on. */
function createViewChanges({ views, host }: Parts, { consumers: first }: HostPlan): (plan: HostPlan) => void {
  let before = first;
  return ({ consumers }) => {
    if (isDeepStrictEqual(before, consumers)) return;
    before = consumers;
    views.change(consumers);
    host.viewsChanged();
  };
}

/** What looks after secrets while it runs. */
function createSecretChanges(parts: Parts, running: RunningServers, closing: AbortSignal) {
  const { pool, resolvers, guard, clock, log } = parts;
  const { all: resolver, early } = resolvers;
  const rotation = createRotation({ pool, resolver, clock, log, closing });
  const secrets = createSecrets({
    plan: running.plan(),
    consumers: () => running.plan().consumers ?? [],
    pool,
    resolver,
    early,
    guard,
    rotation,
  });
  const refresh = createSecretRefresh({ resolver, references: () => secrets.references(), clock, log });
  return { secrets, refresh };
}

/** The reverse of the start. Each part bounds its own stop. */
async function closeAll({ host, pool, store, resolvers }: Parts): Promise<void> {
  await host.close();
  await pool.close();
  await store?.close();
  await resolvers.close();
}

function requiredAreUp(pool: Pool): boolean {
  return pool.states().every(({ required, status }) => !required || status === 'up');
}
