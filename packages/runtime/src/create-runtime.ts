import { isDeepStrictEqual } from 'node:util';
import { loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import { createHost } from '@hostler/host';
import { createRedactor, createSecretResolver } from '@hostler/secrets';
import { createConnectors, createPool } from '@hostler/upstream';
import type { Pool } from '@hostler/upstream';
import { systemClock } from './clock.ts';
import { createConfiguration } from './configuration.ts';
import { createServers } from './create-servers.ts';
import { createFileCatalogStore } from './file-catalog-store.ts';
import { loadProviders } from './load-providers.ts';
import { createLogger } from './logger.ts';
import { createRunningServers } from './running-servers.ts';
import type { Readiness, Runtime, RuntimeOptions } from './runtime.ts';
import { saveServers } from './save-servers.ts';
import { stateDirectory } from './state-directory.ts';
import { createServerTests } from './test-server.ts';
import { createFileWatch } from './watch-file.ts';

/**
 * Puts a host together from a plan. Nothing runs before `start`.
 * @throws PROVIDER_NOT_FOUND, PROVIDER_INVALID, SECRET_OPTIONS_INVALID
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const parts = await createParts(options);
  const { log, clock, redactor, pool, host } = parts;
  const closing = new AbortController();
  const { running, servers, configuration, watch } = createChanges(parts, options, closing.signal);
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
    servers,
    apply: (plan) => configuration.apply(plan),
    reload: () => configuration.reload(),
    async start() {
      if (running.plan().reload.watch && !closing.signal.aborted) watch.start();
      await pool.start();
      if (phase === 'starting') phase = 'running';
    },
    readiness: () => ({
      phase,
      ready: phase === 'running' && requiredAreUp(pool),
      servers: pool.states(),
      configuration: configuration.state(),
    }),
    onEvent: (listener) => pool.onEvent(listener),
    redact: (text) => redactor.redact(text),
    close() {
      phase = 'stopping';
      watch.stop();
      closing.abort();
      closed ??= closeAll(parts);
      return closed;
    },
  };
}

/** What runs. */
async function createParts(options: RuntimeOptions) {
  const { plan, environment, logDestination = process.stderr, servers = [], clock = systemClock } = options;
  const redactor = createRedactor();
  const log = createLogger({ level: plan.log.level, destination: logDestination, redactor });
  const providers = await loadProviders(plan, environment);
  const secrets = createSecretResolver({ providers, redactor, clock, fetch, logger: log });
  const forPool = { log, clock, secrets, connectors: createConnectors({ baseEnvironment: environment }) };
  const pool = createPool({ ...forPool, specs: [...plan.servers, ...servers] });
  const directory = stateDirectory(plan, environment);
  const store =
    directory === undefined
      ? undefined
      : createFileCatalogStore({ directory, log, redact: (text) => redactor.redact(text) });
  const host = createHost({ pool, groups: plan.groups, log, clock, ...(store && { store }) });
  return { log, clock, redactor, secrets, pool, host, store, forPool };
}

type Parts = Awaited<ReturnType<typeof createParts>>;

/** What changes that while it runs. */
function createChanges({ log, clock, pool, host, forPool }: Parts, options: RuntimeOptions, closing: AbortSignal) {
  const { plan, environment, servers: mounted = [] } = options;
  const { load = async () => (await loadConfig(plan.source, { environment })).plan } = options;
  const running = createRunningServers({ pool, plan, mounted, closing });
  let { groups } = plan;
  function onPlan(current: HostPlan): void {
    log.level = current.log.level;
    if (!isDeepStrictEqual(groups, current.groups)) host.regroup((groups = current.groups));
    if (current.reload.watch && !closing.aborted) watch.start();
    else watch.stop();
  }
  const configuration = createConfiguration({ plan, servers: running, log, load, onPlan });
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
  return { running, servers, configuration, watch };
}

/** The reverse of the start. Each part bounds its own stop. */
async function closeAll({ host, pool, store, secrets }: Parts): Promise<void> {
  await host.close();
  await pool.close();
  await store?.close();
  await secrets.close();
}

function requiredAreUp(pool: Pool): boolean {
  return pool.states().every(({ required, status }) => !required || status === 'up');
}
