/** Times are milliseconds. */
export interface SecretLimits {
  /** Reads at a time, for each provider: one that hangs does not hold up the others. */
  readonly concurrentReads: number;
  /** Reads that may wait for their turn, for each provider. */
  readonly queuedReads: number;
  readonly readTimeout: number;
  /** From the first try to the last, with the waits between them. */
  readonly totalTimeout: number;
  /** Tries when the provider is unavailable; other failures are final. */
  readonly tries: number;
  /** The n-th wait between tries is random, from 0 to this times 2^(n-1). */
  readonly backoff: number;
  readonly maxBackoff: number;
  /** How long a value is served without asking again. */
  readonly ttl: number;
  /** How much longer the last good value is served while the provider is unavailable. */
  readonly maxStale: number;
  /** How long a failure is remembered, and the pause between attempts while a stale value is served. */
  readonly negativeTtl: number;
  /** Values and failures remembered; the oldest is forgotten first. */
  readonly cachedReadings: number;
}

export const DEFAULT_SECRET_LIMITS: SecretLimits = Object.freeze({
  concurrentReads: 8,
  queuedReads: 256,
  readTimeout: 5_000,
  totalTimeout: 30_000,
  tries: 3,
  backoff: 200,
  maxBackoff: 2_000,
  ttl: 15 * 60_000,
  maxStale: 60 * 60_000,
  negativeTtl: 10_000,
  cachedReadings: 10_000,
});
