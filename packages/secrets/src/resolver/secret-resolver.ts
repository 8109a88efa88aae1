import { isHostlerError } from '@hostler/kernel';
import type { Clock, HostlerError, Logger } from '@hostler/kernel';
import type { Redactor } from '../redactor/redactor.ts';
import { Secret } from '../secret.ts';
import { secretErrors, toSecretError } from '../secret-errors.ts';
import { toReadRef } from '../secret-provider.ts';
import type { SecretProvider, SecretReading } from '../secret-provider.ts';
import { isSecretScheme, parseSecretRef } from '../secret-ref.ts';
import type { SecretRef } from '../secret-ref.ts';
import { selectText } from '../secret-value.ts';
import { CachedReadings } from './cached-readings.ts';
import type { ReadTarget } from './cached-readings.ts';
import { DEFAULT_SECRET_LIMITS } from './limits.ts';
import type { SecretLimits } from './limits.ts';
import { ProviderReads } from './provider-reads.ts';
import { ReferenceLedger } from './reference-ledger.ts';
import type { SecretChange, SecretStatus } from './secret-status.ts';

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
   * SECRET_DISABLED, SECRET_UNAVAILABLE, SECRET_VALUE_INVALID; or the reason of the signal
   */
  resolve(reference: string, signal: AbortSignal): Promise<Secret>;
  /** The next `resolve` asks the provider again, also for a pinned version; the value stays in reserve. */
  expire(reference: string): void;
  /**
   * Reads it again now, pinned or not. When that fails, the good value is served on.
   * @throws as `resolve`
   */
  refresh(reference: string, signal: AbortSignal): Promise<Secret>;
  /**
   * Told when a read brought another value for a whole reference (with its `#key`) than the last one, or the first one
   * after it could not be had. Whoever asked for the read hears of it later. Returns the end of the subscription.
   */
  onChange(listener: (change: SecretChange) => void): () => void;
  /** Every reference that was asked for since the start, without values; the oldest are forgotten beyond `cachedReadings`. */
  status(): readonly SecretStatus[];
  /** Why the reference can name nothing: a sentence with the mend; absent when it can. Reads nothing. */
  problemOf(reference: string): string | undefined;
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
  readonly #ledger: ReferenceLedger;
  readonly #readings: CachedReadings;
  #closing: Promise<void> | undefined;

  constructor(options: SecretResolverOptions) {
    const { redactor, logger, clock, wallClock = Date.now } = options;
    this.#options = options;
    this.#limits = { ...DEFAULT_SECRET_LIMITS, ...options.limits };
    const limits = this.#limits;
    this.#ledger = new ReferenceLedger({ redactor, logger, wallClock, references: limits.cachedReadings });
    this.#readings = new CachedReadings({ ledger: this.#ledger, clock, logger, limits, wallClock });
    this.#providers = readsByScheme(options, this.#limits);
  }

  async resolve(reference: string, signal: AbortSignal): Promise<Secret> {
    return this.#secret(reference, signal, (asked) => this.#readings.get(asked, signal));
  }

  async refresh(reference: string, signal: AbortSignal): Promise<Secret> {
    return this.#secret(reference, signal, (asked) => this.#readings.renew(asked, signal));
  }

  expire(reference: string): void {
    this.#readings.shorten(this.#find(reference), 0);
  }

  onChange(listener: (change: SecretChange) => void): () => void {
    return this.#ledger.onChange(listener);
  }

  status(): readonly SecretStatus[] {
    return this.#ledger.status();
  }

  problemOf(reference: string): string | undefined {
    try {
      this.#find(reference);
      return undefined;
    } catch (error) {
      if (!isHostlerError(error)) throw error;
      const { problem } = error.details;
      return typeof problem === 'string' ? problem : error.message;
    }
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
    this.#readings.close();
    const results = await Promise.allSettled([...this.#providers.values()].map((reads) => reads.close()));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (errors.length > 0) throw new AggregateError(errors, 'Some secret providers could not be closed.');
  }

  /** @throws SECRET_REFERENCE_INVALID, SECRET_PROVIDER_UNKNOWN */
  #find(reference: string): Asked {
    const ref = parseSecretRef(reference);
    const reads = this.#providers.get(ref.scheme);
    if (reads === undefined) {
      // The path is left out: with an unknown scheme it may be a connection string, with a password in it.
      const known = [...this.#providers.keys()].map((scheme) => `${scheme}://`).join(', ') || 'none';
      throw secretErrors.PROVIDER_UNKNOWN({ details: { scheme: ref.scheme, known } });
    }
    const target = toReadRef(reads.provider, ref);
    const problem = reads.provider.problemOf?.(target);
    if (problem !== undefined) throw secretErrors.REFERENCE_INVALID({ details: { reference: ref.text, problem } });
    return { ref, reads, target };
  }

  async #secret(
    reference: string,
    signal: AbortSignal,
    read: (asked: Asked) => Promise<SecretReading>,
  ): Promise<Secret> {
    const asked = this.#find(reference);
    const { ref, target } = asked;
    signal.throwIfAborted();
    this.#ledger.asked(ref, target);
    try {
      const reading = await read(asked);
      const text = this.#select(reading, asked);
      this.#options.redactor.add(text, ref.text);
      this.#ledger.served(ref, reading);
      const { version } = reading;
      return new Secret(text, { reference: ref.text, ...(version === undefined ? {} : { version }) });
    } catch (error) {
      signal.throwIfAborted();
      throw toSecretError(error, ref);
    }
  }

  #select(reading: SecretReading, asked: Asked): string {
    try {
      return selectText(reading.value, asked.ref, asked.target);
    } catch (error) {
      // Not for as long as a value is fresh: the key may be added any moment.
      if (reading.pinned !== true) this.#readings.shorten(asked, this.#limits.negativeTtl);
      throw error;
    }
  }
}

/** A reference, and what a provider is asked for because of it. */
interface Asked extends ReadTarget {
  readonly ref: SecretRef;
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
