import type { HostPlan } from '@hostler/config';
import type { Clock, Logger } from '@hostler/kernel';
import { createSecretResolver, DEFAULT_SECRET_LIMITS } from '@hostler/secrets';
import type { Redactor, SecretLimits, SecretProvider, SecretResolver } from '@hostler/secrets';
import { builtInProviders } from './built-in-providers.ts';
import { loadProviders } from './load-providers.ts';
import type { ReadEarly } from './provider-options.ts';

export interface ResolversOptions {
  readonly plan: HostPlan;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Passed in code, beside those of the plan. */
  readonly providers: readonly SecretProvider[];
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Resolvers {
  /** Reads what is there before any provider that is configured: for what those need themselves. */
  readonly early: SecretResolver;
  readonly all: SecretResolver;
  close(): Promise<void>;
}

/** @throws PROVIDER_NOT_FOUND, PROVIDER_INVALID, PROVIDER_OPTION_UNREADABLE, SECRET_OPTIONS_INVALID */
export async function createResolvers(options: ResolversOptions): Promise<Resolvers> {
  const { plan, environment, providers, redactor, clock, log } = options;
  const limits = limitsOf(plan);
  const surroundings = { redactor, clock, fetch, logger: log, limits };
  // Bounded by the resolver itself.
  const { signal } = new AbortController();
  const read: ReadEarly = (reference) => early.resolve(reference, signal);
  const builtIn = builtInProviders({ plan, environment, read });
  const early = createSecretResolver({ ...surroundings, providers: builtIn });
  const named = await loadProviders(plan, { read, redactor });
  const all = createSecretResolver({ ...surroundings, providers: [...builtIn, ...named, ...providers] });
  return {
    early,
    all,
    async close() {
      await all.close();
      await early.close();
    },
  };
}

/**
 * A value is fresh until the look at it after the next: what is looked at all the time is read by that alone, and not by
 * whoever happens to need it.
 */
function limitsOf({ secrets: { refresh, maxStale, readTimeout } }: HostPlan): Partial<SecretLimits> {
  const { ttl, tries, backoff, totalTimeout } = DEFAULT_SECRET_LIMITS;
  return {
    readTimeout,
    maxStale,
    ttl: refresh === 0 ? ttl : 2 * refresh,
    // Long enough for each try to have its time.
    totalTimeout: Math.max(totalTimeout, tries * (readTimeout + backoff * 2 ** tries)),
  };
}
