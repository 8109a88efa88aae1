import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HostPlan, LimitStoreSpec } from '@hostler/config';
import { createInsuredCounter, createMemoryCounter } from '@hostler/host';
import type { CallCounter, CounterState, InsuredCounter } from '@hostler/host';
import type { Clock, Logger } from '@hostler/kernel';
import type { Secret, SecretResolver } from '@hostler/secrets';
import { limitStoreErrors } from './errors.ts';

export interface LimitCounterOptions {
  readonly plan: Pick<HostPlan, 'limits' | 'source'>;
  readonly secrets: Pick<SecretResolver, 'resolve'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What several hosts count in together. */
export interface LimitCounter {
  readonly counter: InsuredCounter;
  state(): CounterState;
  /** Waits a moment for the connection: what comes before it is counted by this host alone. */
  start(): Promise<void>;
  close(): void;
}

/** Rates that are kept while the store is away: far more than configurations have. */
const LOCAL_ENTRIES = 10_000;
/** Milliseconds for the first connection. */
const START_TIME = 1_000;

/**
 * The counter that a plan names; undefined where each host counts for itself. Whether it can be reached shows with the
 * first call.
 * @throws LIMIT_STORE_NOT_INSTALLED
 */
export async function createLimitCounter(options: LimitCounterOptions): Promise<LimitCounter | undefined> {
  const { store } = options.plan.limits;
  if (store === undefined) return undefined;
  const { clock, log } = options;
  const shared = await openRedis(store.redis, options);
  const local = store.whenAway === 'local' ? createMemoryCounter({ clock, entries: LOCAL_ENTRIES }) : undefined;
  const counter = createInsuredCounter({ shared, local, clock, log });
  return {
    counter,
    state: () => counter.state(),
    async start() {
      const timeUp = Promise.withResolvers<void>();
      const stopTimer = clock.after(START_TIME, timeUp.resolve);
      await Promise.race([shared.connected, timeUp.promise]);
      stopTimer();
    },
    close: () => shared.close(),
  };
}

interface OpenCounter extends CallCounter {
  readonly connected: Promise<void>;
  close(): void;
}

/** The part of `@hostler/limits-redis` that is needed here. */
interface RedisPackage {
  readonly createRedisCounter: (options: {
    readonly url?: string;
    readonly socket?: string;
    readonly prefix: string;
    readonly log: Logger;
    readonly password?: {
      readonly user?: string;
      readonly format?: string;
      readonly read: (signal: AbortSignal) => Promise<Secret>;
    };
  }) => OpenCounter;
}

async function openRedis(
  { url, socket, user, password, prefix }: LimitStoreSpec['redis'],
  { plan, secrets, log }: LimitCounterOptions,
): Promise<OpenCounter> {
  const { createRedisCounter } = await loadPackage(plan.source);
  return createRedisCounter({
    ...(url !== undefined && { url }),
    ...(socket !== undefined && { socket }),
    ...(password && {
      password: {
        ...(user !== undefined && { user }),
        ...(password.format !== undefined && { format: password.format }),
        read: (signal: AbortSignal) => secrets.resolve(password.secret, signal),
      },
    }),
    prefix,
    log,
  });
}

const PACKAGE = '@hostler/limits-redis';

/** It is installed where it is needed, as providers of secrets are: beside the configuration, or beside Hostler. */
async function loadPackage(source: string): Promise<RedisPackage> {
  let target = PACKAGE;
  try {
    target = pathToFileURL(createRequire(join(dirname(source), 'hostler.yaml')).resolve(PACKAGE)).href;
  } catch {
    // Not there: the plain name below is looked up beside Hostler itself.
  }
  try {
    return (await import(target)) as RedisPackage;
  } catch (cause) {
    throw limitStoreErrors.NOT_INSTALLED({ details: { use: PACKAGE }, cause });
  }
}
