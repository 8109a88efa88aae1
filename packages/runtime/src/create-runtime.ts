import type { Pool } from '@hostler/upstream';
import { createChanges } from './create-changes.ts';
import { createParts } from './create-parts.ts';
import type { Parts } from './create-parts.ts';
import type { RunningServers } from './running-servers.ts';
import type { Readiness, Runtime, RuntimeOptions } from './runtime.ts';

/**
 * Puts a host together from a plan. Nothing runs before `start`.
 * @throws PROVIDER_NOT_FOUND, PROVIDER_INVALID, PROVIDER_OPTION_UNREADABLE, SECRET_OPTIONS_INVALID, LOCK_INVALID
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const parts = await createParts(options);
  const { logs, clock, redactor, pool, host } = parts;
  const closing = new AbortController();
  const changes = createChanges(parts, options, closing.signal);
  const { running, consumers, servers, configuration, watch, secrets, refresh, tls, lock } = changes;
  let phase: Readiness['phase'] = 'starting';
  let closed: Promise<void> | undefined;
  return {
    get plan() {
      return running.plan();
    },
    host,
    log: logs.of('api'),
    logs,
    clock,
    anonymous: { name: 'anonymous' },
    consumers,
    tls,
    servers,
    secrets,
    tokens: parts.tokens,
    lock,
    audit: parts.audit,
    limits: { specOf: (consumer) => parts.limits.specOf(consumer), store: () => parts.limitCounter?.state() },
    apply: (plan) => configuration.apply(plan),
    reload: () => configuration.reload(),
    async start() {
      parts.audit?.note('start', { generation: parts.inForce.generation });
      if (running.plan().reload.watch && !closing.signal.aborted) watch.start();
      await Promise.all([consumers.start(), pool.start(), parts.limitCounter?.start()]);
      parts.tokens.start((options.servers ?? []).map(({ name }) => name));
      // From here on there is something to look at again.
      refresh.start(running.plan().secrets.refresh);
      lock.start();
      if (phase === 'starting') phase = 'running';
    },
    readiness: () => ({
      phase,
      ready: phase === 'running' && requiredAreUp(pool),
      servers: pool.states(),
      configuration: configuration.state(),
      secrets: secrets.readiness(),
      ...(parts.audit && { audit: parts.audit.state() }),
    }),
    onEvent: (listener) => pool.onEvent(listener),
    ...forWorkers(parts, running),
    redact: (text) => redactor.redact(text),
    redactBytes: (bytes) => redactor.redactBytes(bytes),
    close() {
      phase = 'stopping';
      watch.stop();
      refresh.stop();
      lock.stop();
      closing.abort();
      closed ??= closeAll(parts);
      return closed;
    },
  };
}

/** What the processes of one host need of each other. */
function forWorkers(
  { pool, counter, audit, logs }: Parts,
  running: RunningServers,
): Pick<Runtime, 'onChange' | 'renewServer' | 'serveWorker'> {
  return {
    onChange: (listener) => running.onChange(listener),
    renewServer: async (name) => {
      if (pool.spec(name) !== undefined) await pool.restart(name, running.plan().shutdownGrace);
    },
    serveWorker: async (link, name) => {
      const { serveWorker } = await import('./workers/serve-worker.ts');
      return serveWorker({ link, name, pool, counter, audit, log: logs.of('upstream') });
    },
  };
}

/** The reverse of the start. Each part bounds its own stop. */
async function closeAll({ host, pool, store, tokens, resolvers, limitCounter, audit }: Parts): Promise<void> {
  tokens.close();
  await host.close();
  limitCounter?.close();
  await pool.close();
  await store?.close();
  audit?.note('stop');
  await audit?.close();
  await resolvers.close();
}

function requiredAreUp(pool: Pool): boolean {
  return pool.states().every(({ required, status }) => !required || status === 'up');
}
