import { withoutKey } from './secret-ref.ts';
import type { SecretRef } from './secret-ref.ts';

/** What a provider is given for one request. */
export interface SecretProviderContext {
  /** Aborted when nobody waits any more or the time is up. */
  readonly signal: AbortSignal;
  /** The only way out to the network: it obeys the host's rules. */
  readonly fetch: typeof fetch;
}

export interface SecretReading {
  /** Never empty. */
  readonly value: string;
  readonly version?: string;
  /** Not served after this time, not even when the provider is unavailable. */
  readonly expiresAt?: Date;
  /** The reference names one version, whose value cannot change: kept until the resolver closes. */
  readonly pinned?: boolean;
}

/**
 * Reads secrets of one scheme. Read only by design, with four ways to fail: `secretErrors.NOT_FOUND`,
 * `ACCESS_DENIED`, `DISABLED` or `UNAVAILABLE`. It never returns an empty value, never answers an error with a default, and
 * neither retries nor caches: the resolver does.
 */
export interface SecretProvider {
  readonly scheme: string;
  /**
   * Absent: the resolver selects the `#key` from a JSON value, and `read` gets references without a key.
   * `true`: `read` gets the key and answers with the selected value.
   */
  readonly selectsKeys?: boolean;
  read(ref: SecretRef, context: SecretProviderContext): Promise<SecretReading>;
  /**
   * Why this reference (as `read` gets it) can name nothing: a sentence with the mend; absent when it can. Reads
   * nothing. Called when the configuration is loaded and before each read.
   */
  problemOf?(ref: SecretRef): string | undefined;
  /** Proves that the backend can be reached and accepts us, without reading a secret. */
  check?(context: SecretProviderContext): Promise<void>;
  /** May be called more than once. */
  close?(): Promise<void>;
}

/** What `read` of this provider is given for a reference. */
export function toReadRef(provider: SecretProvider, ref: SecretRef): SecretRef {
  return provider.selectsKeys === true ? ref : withoutKey(ref);
}
