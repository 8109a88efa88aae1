import type { Clock, Logger } from '@hostler/kernel';
import { createHost } from '@hostler/host';
import { createRedactor, createSecretResolver } from '@hostler/secrets';
import type { SecretResolver } from '@hostler/secrets';
import { createConnectors, createPool } from '@hostler/upstream';
import type { Pool } from '@hostler/upstream';
import { systemClock } from './clock.ts';
import { loadProviders } from './load-providers.ts';
import { createLogger } from './logger.ts';
import type { Readiness, Runtime, RuntimeOptions } from './runtime.ts';

/**
 * Puts a host together from a plan. Nothing runs before `start`.
 * @throws PROVIDER_NOT_FOUND, PROVIDER_INVALID, SECRET_OPTIONS_INVALID
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { plan, environment } = options;
  const clock: Clock = systemClock;
  const redactor = createRedactor();
  const log: Logger = createLogger({
    level: plan.log.level,
    destination: options.logDestination ?? process.stderr,
    redactor,
  });
  const providers = await loadProviders(plan, environment);
  const secrets = createSecretResolver({ providers, redactor, clock, fetch, logger: log });
  const pool = createPool({
    specs: [...plan.servers, ...(options.servers ?? [])],
    log,
    clock,
    secrets,
    connectors: createConnectors({ baseEnvironment: environment }),
  });
  const host = createHost({ pool, log });
  let phase: Readiness['phase'] = 'starting';
  let closing: Promise<void> | undefined;

  return {
    plan,
    host,
    log,
    clock,
    anonymous: { name: 'anonymous' },
    async start() {
      await pool.start();
      if (phase === 'starting') phase = 'running';
    },
    readiness: () => ({ phase, ready: phase === 'running' && requiredAreUp(pool), servers: pool.states() }),
    onEvent: (listener) => pool.onEvent(listener),
    redact: (text) => redactor.redact(text),
    close() {
      phase = 'stopping';
      closing ??= closeAll(host, pool, secrets);
      return closing;
    },
  };
}

/** The reverse of the start. Each part bounds its own stop. */
async function closeAll(host: Runtime['host'], pool: Pool, secrets: SecretResolver): Promise<void> {
  await host.close();
  await pool.close();
  await secrets.close();
}

function requiredAreUp(pool: Pool): boolean {
  return pool.states().every(({ required, status }) => !required || status === 'up');
}
