import type { Identity, JsonObject } from '@hostler/kernel';

const MAX_SHOWN = 256;

export interface TokenProof {
  readonly issuer: string;
  readonly subject: string;
  readonly algorithm: string;
  /** Of the whole token, as `hashKey` makes it. */
  readonly digest: string;
  readonly claims: JsonObject;
  readonly scopes: readonly string[];
  /** Milliseconds since 1970: its `exp` and what clocks may be off. */
  readonly expiresAt: number;
}

/** Proved by a token whose signature was verified. */
export class TokenIdentity implements Identity {
  readonly method = 'jwt';
  readonly issuer: string;
  readonly subject: string;
  /** The token's `jti`; without one the first digits of its hash. */
  readonly credential: string;
  readonly claims: JsonObject;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
  readonly #algorithm: string;

  constructor(proof: TokenProof) {
    const { jti } = proof.claims;
    this.issuer = proof.issuer;
    this.subject = proof.subject;
    this.credential = typeof jti === 'string' && jti.length <= MAX_SHOWN ? jti : proof.digest.slice(0, 19);
    this.claims = proof.claims;
    this.scopes = proof.scopes;
    this.expiresAt = proof.expiresAt;
    this.#algorithm = proof.algorithm;
    Object.freeze(this);
  }

  /** By which the token was signed; absent for an identity that was not proved by a token. */
  static algorithmOf(identity: Identity): string | undefined {
    return #algorithm in identity ? identity.#algorithm : undefined;
  }
}
