import type { Clock, Logger } from '@hostler/kernel';
import { isUnavailable, secretErrors } from '../secret-errors.ts';
import type { SecretReading } from '../secret-provider.ts';
import type { SecretRef } from '../secret-ref.ts';
import type { SecretLimits } from './limits.ts';
import type { ProviderReads } from './provider-reads.ts';
import { ReadingCache } from './reading-cache.ts';
import type { ReferenceLedger } from './reference-ledger.ts';
import { SharedReads } from './shared-reads.ts';

export interface CachedReadingsOptions {
  readonly ledger: ReferenceLedger;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly limits: SecretLimits;
  readonly wallClock: () => number;
}

/** What a provider is asked for. */
export interface ReadTarget {
  readonly reads: ProviderReads;
  readonly target: SecretRef;
}

/** Decides when a provider is asked, and what is served when it fails. */
export class CachedReadings {
  readonly #options: CachedReadingsOptions;
  readonly #cache: ReadingCache;
  readonly #reads = new SharedReads<SecretReading>();
  #closed = false;

  constructor(options: CachedReadingsOptions) {
    this.#options = options;
    this.#cache = new ReadingCache(options.limits, options.wallClock);
  }

  /** What is known, or else a read; the last good value bridges an outage, any other failure ends it. */
  async get({ reads, target }: ReadTarget, signal: AbortSignal): Promise<SecretReading> {
    const { clock, logger } = this.#options;
    const known = this.#cache.fresh(target.text, clock.now());
    if (known?.kind === 'value') return known.reading;
    if (known?.kind === 'failure') throw known.error;
    try {
      return await this.#reads.join(target.text, signal, (shared) => this.#read(reads, target, shared));
    } catch (error) {
      signal.throwIfAborted();
      const stale = isUnavailable(error) ? this.#cache.stale(target.text, clock.now()) : undefined;
      const isNews = this.#options.ledger.failed(target, error, stale === undefined ? 'nothing' : 'stale');
      if (stale === undefined) {
        if (!isUnavailable(error)) this.#cache.keepFailure(target.text, error, clock.now());
        throw error;
      }
      if (isNews) {
        const reference = target.text;
        logger?.warn({ reference, error }, 'secret provider unavailable: the last good value is served');
      }
      return stale;
    }
  }

  /** A good value stays whatever happens: nobody asked for it, only whether there is another. */
  async renew({ reads, target }: ReadTarget, signal: AbortSignal): Promise<SecretReading> {
    try {
      return await this.#reads.renew(target.text, signal, (shared) => this.#read(reads, target, shared));
    } catch (error) {
      signal.throwIfAborted();
      const now = this.#options.clock.now();
      const served = isUnavailable(error) ? 'stale' : 'fresh';
      const isGood = this.#cache.hasValue(target.text, now);
      this.#options.ledger.failed(target, error, isGood ? served : 'nothing');
      if (!isGood && !isUnavailable(error)) this.#cache.keepFailure(target.text, error, now);
      throw error;
    }
  }

  /** It is fresh for no longer than this; it stays in reserve. */
  shorten({ target }: ReadTarget, delay: number): void {
    this.#cache.shorten(target.text, this.#options.clock.now(), delay);
  }

  /** Ends all reads and forgets all values. */
  close(): void {
    this.#closed = true;
    this.#reads.stop(closed());
    this.#cache.clear();
  }

  async #read(reads: ProviderReads, target: SecretRef, signal: AbortSignal): Promise<SecretReading> {
    // Also for one that waited for another while it was closed.
    if (this.#closed) throw closed();
    const reading = await reads.read(target, signal);
    this.#cache.keep(target.text, reading, this.#options.clock.now());
    this.#options.ledger.answered(target, reading);
    return reading;
  }
}

function closed(): Error {
  return secretErrors.UNAVAILABLE({ details: { problem: 'the host is stopping' } });
}
