import type { Clock, HostlerError, Logger } from '@hostler/kernel';
import type { Redactor } from '../redactor/redactor.ts';
import { Secret } from '../secret.ts';
import { isUnavailable, secretErrors, toSecretError } from '../secret-errors.ts';
import { toReadRef } from '../secret-provider.ts';
import type { SecretProvider, SecretReading } from '../secret-provider.ts';
import { isSecretScheme, parseSecretRef } from '../secret-ref.ts';
import type { SecretRef } from '../secret-ref.ts';
import { checkValue, selectKey } from '../secret-value.ts';
import { DEFAULT_SECRET_LIMITS } from './limits.ts';
import type { SecretLimits } from './limits.ts';
import { ProviderReads } from './provider-reads.ts';
import { ReadingCache } from './reading-cache.ts';
import { SharedWork } from './shared-work.ts';

export interface SecretResolverOptions {
  /** One for each scheme. */
  readonly providers: readonly SecretProvider[];
  /** Learns every value before anybody else does. */
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly limits?: Partial<SecretLimits>;
  /** Told when an old value is served because its provider is unavailable. */
  readonly logger?: Logger;
  /** From 0 to 1, for the waits between tries; default `Math.random`. */
  readonly random?: () => number;
  /** Milliseconds since 1970, to compare with `expiresAt`; default `Date.now`. */
  readonly wallClock?: () => number;
}

export interface ProviderCheck {
  readonly scheme: string;
  /** Absent: the provider works, or has no way to tell. */
  readonly error?: HostlerError;
}

export interface SecretResolver {
  /**
   * @throws SECRET_REFERENCE_INVALID, SECRET_PROVIDER_UNKNOWN, SECRET_NOT_FOUND, SECRET_ACCESS_DENIED,
   * SECRET_UNAVAILABLE, SECRET_VALUE_INVALID; or the reason of the signal
   */
  resolve(reference: string, signal: AbortSignal): Promise<Secret>;
  /** The next `resolve` asks the provider again, also for a pinned version; the value stays in reserve. */
  expire(reference: string): void;
  /** Asks every provider whether it works. Rejects only when the signal is aborted. */
  check(signal: AbortSignal): Promise<readonly ProviderCheck[]>;
  /** Ends all reads, forgets all values and closes the providers. May be called again. */
  close(): Promise<void>;
}

/** @throws SECRET_OPTIONS_INVALID when two providers have the same scheme, or one has none that can be referenced */
export function createSecretResolver(options: SecretResolverOptions): SecretResolver {
  return new CachingResolver(options);
}

class CachingResolver implements SecretResolver {
  readonly #providers: ReadonlyMap<string, ProviderReads>;
  readonly #options: SecretResolverOptions;
  readonly #limits: SecretLimits;
  readonly #cache: ReadingCache;
  readonly #reads = new Map<string, SharedWork<SecretReading>>();
  #closing: Promise<void> | undefined;

  constructor(options: SecretResolverOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_SECRET_LIMITS, ...options.limits };
    this.#cache = new ReadingCache(this.#limits, options.wallClock ?? Date.now);
    this.#providers = readsByScheme(options, this.#limits);
  }

  async resolve(reference: string, signal: AbortSignal): Promise<Secret> {
    const ref = parseSecretRef(reference);
    const reads = this.#readsFor(ref);
    const target = toReadRef(reads.provider, ref);
    signal.throwIfAborted();
    try {
      const reading = await this.#reading(reads, target, signal);
      const text = target === ref ? reading.value : this.#select(reading, ref, target);
      this.#options.redactor.add(text);
      const { version } = reading;
      return new Secret(text, { reference: ref.text, ...(version === undefined ? {} : { version }) });
    } catch (error) {
      signal.throwIfAborted();
      throw toSecretError(error, ref);
    }
  }

  expire(reference: string): void {
    const ref = parseSecretRef(reference);
    this.#cache.shorten(toReadRef(this.#readsFor(ref).provider, ref).text, this.#options.clock.now(), 0);
  }

  async check(signal: AbortSignal): Promise<readonly ProviderCheck[]> {
    return Promise.all(
      [...this.#providers].map(async ([scheme, reads]) => {
        try {
          await reads.check(signal);
          return { scheme };
        } catch (error) {
          signal.throwIfAborted();
          return { scheme, error: error as HostlerError };
        }
      }),
    );
  }

  async close(): Promise<void> {
    this.#closing ??= this.#closeOnce();
    return this.#closing;
  }

  async #closeOnce(): Promise<void> {
    for (const read of this.#reads.values()) read.stop(closed());
    this.#cache.clear();
    const results = await Promise.allSettled([...this.#providers.values()].map((reads) => reads.close()));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (errors.length > 0) throw new AggregateError(errors, 'Some secret providers could not be closed.');
  }

  #readsFor(ref: SecretRef): ProviderReads {
    const reads = this.#providers.get(ref.scheme);
    if (reads !== undefined) return reads;
    // The path is left out: with an unknown scheme it may be a connection string, with a password in it.
    const known = [...this.#providers.keys()].map((scheme) => `${scheme}://`).join(', ') || 'none';
    throw secretErrors.PROVIDER_UNKNOWN({ details: { scheme: ref.scheme, known } });
  }

  async #reading(reads: ProviderReads, ref: SecretRef, signal: AbortSignal): Promise<SecretReading> {
    if (this.#closing !== undefined) throw closed();
    const known = this.#cache.fresh(ref.text, this.#options.clock.now());
    if (known?.kind === 'value') return known.reading;
    if (known?.kind === 'failure') throw known.error;
    const running = this.#reads.get(ref.text);
    if (running !== undefined && !running.abandoned) return running.join(signal);
    const read: SharedWork<SecretReading> = new SharedWork(async (shared) => {
      try {
        return await this.#readAndRemember(reads, ref, shared);
      } finally {
        if (this.#reads.get(ref.text) === read) this.#reads.delete(ref.text);
      }
    });
    this.#reads.set(ref.text, read);
    return read.join(signal);
  }

  async #readAndRemember(reads: ProviderReads, ref: SecretRef, signal: AbortSignal): Promise<SecretReading> {
    const { clock, logger } = this.#options;
    try {
      const reading = await reads.read(ref, signal);
      this.#cache.keep(ref.text, reading, clock.now());
      return reading;
    } catch (error) {
      signal.throwIfAborted();
      if (!isUnavailable(error)) {
        this.#cache.keepFailure(ref.text, error, clock.now());
        throw error;
      }
      const stale = this.#cache.stale(ref.text, clock.now());
      if (stale === undefined) throw error;
      logger?.warn({ reference: ref.text, error }, 'secret provider unavailable: the last good value is served');
      return stale;
    }
  }

  #select(reading: SecretReading, ref: SecretRef, target: SecretRef): string {
    if (ref.key === undefined) return reading.value;
    try {
      return checkValue(selectKey(reading.value, ref.key));
    } catch (error) {
      // Not for as long as a value is fresh: the key may be added any moment.
      if (reading.pinned !== true) {
        this.#cache.shorten(target.text, this.#options.clock.now(), this.#limits.negativeTtl);
      }
      throw error;
    }
  }
}

function readsByScheme(options: SecretResolverOptions, limits: SecretLimits): ReadonlyMap<string, ProviderReads> {
  const { clock, fetch, random = Math.random } = options;
  const byScheme = new Map<string, ProviderReads>();
  for (const provider of options.providers) {
    const { scheme } = provider;
    const problem = byScheme.has(scheme) ? 'another provider has this scheme.' : 'no reference can name this scheme.';
    if (byScheme.has(scheme) || !isSecretScheme(scheme)) {
      throw secretErrors.OPTIONS_INVALID({ details: { scheme, problem } });
    }
    byScheme.set(scheme, new ProviderReads(provider, { clock, fetch, random, limits }));
  }
  return byScheme;
}

function closed(): Error {
  return secretErrors.UNAVAILABLE({ cause: new Error('The secret resolver is closed') });
}
