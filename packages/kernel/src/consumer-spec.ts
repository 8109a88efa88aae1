import type { SecretUse } from './upstream-spec.ts';

/** A consumer as it is configured: who it is, and what it may see. */
export interface ConsumerSpec extends ViewSpec {
  readonly name: string;
  /** Several, so that one can take the place of another. */
  readonly keys: readonly KeySpec[];
  readonly tokens: readonly TokenMatchSpec[];
  /** Absent: no limits of its own. */
  readonly limits?: CallLimitSpec;
  /** Absent: none. */
  readonly roles?: readonly string[];
  /** What its roles allow beside what every client may, such as `servers:read`; absent: nothing. */
  readonly permissions?: readonly string[];
}

/** How much a consumer may ask for, over all its clients together. What is absent has no limit. */
export interface CallLimitSpec {
  readonly calls?: CallRate;
  /** Calls that run at the same time. */
  readonly concurrent?: number;
}

/** So many calls in so many milliseconds. */
export interface CallRate {
  readonly count: number;
  readonly per: number;
}

/**
 * Patterns are `tool:`, `prompt:` or `resource:`, a server, `/` and a name, or the last three for every kind. `*` stands for
 * anything but `/` and `__`, `**` for anything, `?` for one character. `deny` wins.
 */
export interface ViewSpec {
  /** Absent: every server; empty: none. */
  readonly servers?: readonly string[];
  /** Absent: everything of those servers; empty: nothing. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
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
}

/** Whose tokens are looked at. */
export interface IssuerSpec {
  readonly name: string;
  /** The exact `iss`. */
  readonly issuer: string;
  /** One of them has to be an `aud`. */
  readonly audience: readonly string[];
  /** Signature algorithms, such as `RS256`; never `none`, never one with a shared key. */
  readonly algorithms: readonly string[];
  /** URL of its keys; absent: found through its metadata. */
  readonly jwks?: string;
}
