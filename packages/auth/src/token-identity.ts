import type { Identity, JsonObject } from '@hostler/kernel';
import { claimValues } from './claim-values.ts';
import type { TokenProof } from './token-issuer.ts';

const MAX_SHOWN = 256;

/** Proved by a token that was verified. */
export class TokenIdentity implements Identity {
  readonly method: TokenProof['method'];
  readonly issuer: string;
  readonly subject: string;
  /** The token's `jti`; without one the first digits of its hash. */
  readonly credential: string;
  readonly claims: JsonObject;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
  readonly #proof: TokenProof;
  readonly #text: string | undefined;

  /** `digest` is that of the whole token, as `hashKey` makes it. */
  constructor(proof: TokenProof, digest: string, text?: string) {
    const { method, issuer, subject, claims, expiresAt } = proof;
    const { jti } = claims;
    this.method = method;
    this.issuer = issuer;
    this.subject = subject;
    this.credential = typeof jti === 'string' && jti.length <= MAX_SHOWN ? jti : digest.slice(0, 19);
    this.claims = claims;
    this.scopes = [...new Set(['scope', 'scp'].flatMap((path) => claimValues(claims, path)))];
    this.expiresAt = expiresAt;
    this.#proof = proof;
    this.#text = text;
    Object.freeze(this);
  }

  /** The token itself, where it is kept: it is what an exchange begins with (RFC 8693), and goes nowhere else. */
  static textOf(identity: Identity): string | undefined {
    return #text in identity ? identity.#text : undefined;
  }

  /** Absent for an identity that was not proved by a token. */
  static proofOf(identity: Identity): TokenProof | undefined {
    return #proof in identity ? identity.#proof : undefined;
  }
}
