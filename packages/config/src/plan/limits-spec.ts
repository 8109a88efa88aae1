import { resolve } from 'node:path';
import type { CallLimitSpec, CallRate, RateSpec, SecretUse } from '@hostler/kernel';
import { toCallRate } from '../call-rate.ts';
import type { CheckedConfig, CheckedConsumer, CheckedServer } from '../schema/config-file.ts';

/** What is limited whoever asks, and where is counted. */
export interface LimitsSpec {
  /** Requests of one client address; absent: by default. */
  readonly addresses?: CallRate | 'off';
  /** Absent: each host for itself, in memory. */
  readonly store?: LimitStoreSpec;
}

export interface LimitStoreSpec {
  readonly redis: RedisSpec;
  /** Whether, while it is away, each host counts for itself or refuses. */
  readonly whenAway: 'local' | 'refuse';
}

/** Either `url` or `socket`. */
export interface RedisSpec {
  readonly url?: string;
  /** Absolute. */
  readonly socket?: string;
  readonly user?: string;
  readonly password?: SecretUse;
  readonly prefix: string;
}

export function toLimitsSpec({ limits: { addresses, store } }: CheckedConfig, folder: string): LimitsSpec {
  return {
    ...(addresses !== undefined && { addresses: addresses === 'off' ? addresses : toCallRate(addresses) }),
    ...(store && { store: { redis: toRedisSpec(store.redis, folder), whenAway: store.whenAway } }),
  };
}

type CheckedRedis = NonNullable<CheckedConfig['limits']['store']>['redis'];

function toRedisSpec({ url, socket, user, password, prefix }: CheckedRedis, folder: string): RedisSpec {
  return {
    ...(url !== undefined && { url }),
    ...(socket !== undefined && { socket: resolve(folder, socket) }),
    ...(user !== undefined && { user }),
    ...(password && {
      password: { secret: password.secret, ...(password.format !== '{}' && { format: password.format }) },
    }),
    prefix,
  };
}

/** How much a consumer may ask for; undefined where nothing is said. */
export function toCallLimitSpec(limits: CheckedConsumer['limits'] = {}): CallLimitSpec | undefined {
  const { calls, tools, waiting, ...bounds } = limits;
  const spec = { ...toRateSpec({ calls, tools }), ...bounds, ...(waiting !== undefined && waiting > 0 && { waiting }) };
  return Object.keys(spec).length === 0 ? undefined : spec;
}

interface WrittenRates {
  readonly calls?: string | undefined;
  readonly tools?: Readonly<Record<string, string>> | undefined;
}

function toRateSpec({ calls, tools = {} }: WrittenRates): RateSpec {
  const rates = Object.entries(tools).map(([pattern, rate]) => [pattern, toCallRate(rate)] as const);
  return {
    ...(calls !== undefined && { calls: toCallRate(calls) }),
    ...(rates.length > 0 && { tools: Object.fromEntries(rates) }),
  };
}

/** What a server is given: by number at the same time, and by rate. */
export function toServerLimits({ limits }: CheckedServer): {
  readonly concurrency?: { readonly running?: number; readonly waiting?: number };
  readonly rates?: RateSpec;
} {
  if (limits === undefined) return {};
  const { calls, tools, ...concurrency } = limits;
  const rates = toRateSpec({ calls, tools });
  return {
    ...(Object.keys(concurrency).length > 0 && { concurrency }),
    ...(Object.keys(rates).length > 0 && { rates }),
  };
}
