import type { CallLimitSpec, DriftPolicy, SecretUse, ViewSpec } from '@hostler/kernel';

/** A consumer as it is configured: who it is, and what it may see. */
export interface ConsumerSpec extends ViewSpec {
  /** Absent: as for everybody. */
  readonly drift?: DriftPolicy;
  readonly name: string;
  /** Absent: it may use every bundle. */
  readonly bundles?: readonly string[];
  /** Several, so that one can take the place of another. */
  readonly keys: readonly KeySpec[];
  readonly tokens: readonly TokenMatchSpec[];
  /** `URI:…`, `DNS:…` or `email:…` of its client certificates, or `sha256:` and the digits of one; absent: none. */
  readonly certificates?: readonly string[];
  /** Absent: no limits of its own. */
  readonly limits?: CallLimitSpec;
  /** Absent: none. */
  readonly roles?: readonly string[];
  /** What its roles allow beside what every client may, such as `servers:read`; absent: nothing. */
  readonly permissions?: readonly string[];
}

/** A key, known by its hash alone or kept whole as a secret. */
export type KeySpec = HashedKeySpec | SecretKeySpec;

export interface HashedKeySpec {
  /** `sha256:` and 64 hexadecimal digits: of the whole key. */
  readonly hash: string;
  /** Milliseconds since 1970; not good from then on. */
  readonly expires?: number;
}

export interface SecretKeySpec {
  readonly secret: SecretUse;
  readonly expires?: number;
}

/** Tokens of one issuer that are this consumer's. */
export interface TokenMatchSpec {
  /** Its name in the configuration. */
  readonly issuer: string;
  /** Patterns by claim, such as `sub` or `realm.roles`; every one has to fit, of a list one member. */
  readonly claims: Readonly<Record<string, string>>;
  /** What they have to allow besides. */
  readonly scopes?: readonly string[];
}

/** A named set with an endpoint of its own: of what a consumer sees, what it lets through as well. */
export interface BundleSpec extends ViewSpec {
  readonly name: string;
  readonly title?: string;
  /** For clients, instead of those of the servers. */
  readonly instructions?: string;
}
