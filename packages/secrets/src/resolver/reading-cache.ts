import type { SecretReading } from '../secret-provider.ts';
import type { SecretLimits } from './limits.ts';

/** A remembered value; times are those of the clock. */
interface Value {
  readonly kind: 'value';
  readonly reading: SecretReading;
  readonly freshUntil: number;
  /** Beyond this it is not even served while the provider is unavailable. */
  readonly usableUntil: number;
}

interface Failure {
  readonly kind: 'failure';
  readonly error: unknown;
  readonly freshUntil: number;
}

/** Remembers what providers answered, in memory only. The caller passes the time. */
export class ReadingCache {
  readonly #limits: SecretLimits;
  readonly #wallClock: () => number;
  readonly #entries = new Map<string, Value | Failure>();

  constructor(limits: SecretLimits, wallClock: () => number) {
    this.#limits = limits;
    this.#wallClock = wallClock;
  }

  /** What may be answered without asking the provider. */
  fresh(name: string, now: number): Value | Failure | undefined {
    const entry = this.#entries.get(name);
    return entry !== undefined && now < entry.freshUntil ? entry : undefined;
  }

  keep(name: string, reading: SecretReading, now: number): void {
    const expiry = reading.expiresAt === undefined ? Infinity : now + reading.expiresAt.getTime() - this.#wallClock();
    const fresh = reading.pinned === true ? Infinity : now + this.#limits.ttl;
    this.#set(name, {
      kind: 'value',
      reading,
      freshUntil: Math.min(fresh, expiry),
      usableUntil: Math.min(fresh + this.#limits.maxStale, expiry),
    });
  }

  /** A final answer: what was known before is no longer true. */
  keepFailure(name: string, error: unknown, now: number): void {
    this.#set(name, { kind: 'failure', error, freshUntil: now + this.#limits.negativeTtl });
  }

  /** The last good value while the provider is unavailable. Holds off the next attempt for a moment. */
  stale(name: string, now: number): SecretReading | undefined {
    const entry = this.#entries.get(name);
    if (entry?.kind !== 'value' || now >= entry.usableUntil) return undefined;
    const freshUntil = Math.min(now + this.#limits.negativeTtl, entry.usableUntil);
    this.#set(name, { ...entry, freshUntil });
    return entry.reading;
  }

  /** Whether a good value is there, for as long as the provider is unavailable. */
  hasValue(name: string, now: number): boolean {
    const entry = this.#entries.get(name);
    return entry?.kind === 'value' && now < entry.usableUntil;
  }

  /** Ends the freshness of a value after at most `delay`; it stays in reserve. */
  shorten(name: string, now: number, delay: number): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) this.#set(name, { ...entry, freshUntil: Math.min(entry.freshUntil, now + delay) });
  }

  clear(): void {
    this.#entries.clear();
  }

  #set(name: string, entry: Value | Failure): void {
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    if (this.#entries.size <= this.#limits.cachedReadings) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
