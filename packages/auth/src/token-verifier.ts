import type { JsonObject } from '@hostler/kernel';
import type { errors, JWTVerifyGetKey, JWTVerifyOptions, JWTVerifyResult } from 'jose';
import type { IssuerKeys } from './issuer-keys.ts';
import { isFailure } from './token-failure.ts';
import { fitsAudience } from './token-issuer.ts';
import type { PresentedToken, TokenIssuer, TokenMeans, TokenProof, UnverifiedToken } from './token-issuer.ts';
import { checkTokenUse } from './token-use.ts';
import type { JwtIssuerSpec } from './issuer-spec.ts';

/** How far clocks may be apart. */
export const TOLERANCE_SECONDS = 30;

/** The proxy makes one for each request, with an `iat` that has to be in the past. */
const MAX_ASSERTION_SECONDS = 3_600;

/** Verifies the signed tokens of one issuer. */
export class TokenVerifier implements TokenIssuer {
  readonly spec: JwtIssuerSpec;
  readonly means: TokenMeans;
  readonly #keys: IssuerKeys;
  readonly #wallClock: () => number;

  constructor(spec: JwtIssuerSpec, keys: IssuerKeys, wallClock: () => number) {
    this.spec = spec;
    this.means = spec.type ?? 'bearer';
    this.#keys = keys;
    this.#wallClock = wallClock;
  }

  mayHaveIssued(token: UnverifiedToken | undefined): boolean {
    return token !== undefined && this.#isOwn(token.claims);
  }

  accepts({ method, claims, header }: TokenProof): boolean {
    if (method !== this.#method || !this.#isOwn(claims)) return false;
    if (typeof header.alg !== 'string' || !this.spec.algorithms.includes(header.alg)) return false;
    try {
      checkTokenUse(claims, header.typ, this.spec.tokenType);
      return true;
    } catch {
      return false;
    }
  }

  /** @throws an error of `jose` or of `checkTokenUse`, AUTH_UNAVAILABLE, or the reason of the signal */
  async verify({ text }: PresentedToken, signal: AbortSignal): Promise<TokenProof> {
    const { payload, protectedHeader } = await this.#verified(text, signal);
    const claims = payload as unknown as JsonObject;
    checkTokenUse(claims, protectedHeader.typ, this.spec.tokenType);
    const { sub: subject, exp: expires } = payload;
    if (typeof subject !== 'string' || subject === '' || expires === undefined) throw new Error('claim sub');
    const header = protectedHeader as unknown as JsonObject;
    const expiresAt = (expires + TOLERANCE_SECONDS) * 1000;
    return { method: this.#method, issuer: this.spec.issuer, subject, claims, header, expiresAt };
  }

  get #method(): 'jwt' | 'google-iap' {
    return this.spec.type ?? 'jwt';
  }

  #isOwn({ iss, aud }: JsonObject): boolean {
    return iss === this.spec.issuer && fitsAudience(this.spec.audience, aud);
  }

  async #verified(token: string, signal: AbortSignal): Promise<JWTVerifyResult> {
    const options = this.#options();
    const keys = (asked: JWTVerifyGetKey): Promise<JWTVerifyResult> => verifyWith(asked, token, options);
    // The algorithm comes first: nothing is read for a token whose own is not allowed.
    let used: JWTVerifyGetKey | undefined;
    const current: JWTVerifyGetKey = async (header, jws) => {
      used = await this.#keys.current(signal);
      return used(header, jws);
    };
    try {
      return await keys(current);
    } catch (error) {
      if (!isFailure(error, 'ERR_JWKS_NO_MATCHING_KEY') || used === undefined) throw error;
      const newer = await this.#keys.newer(used, signal);
      if (newer === undefined) throw error;
      return keys(newer);
    }
  }

  #options(): JWTVerifyOptions {
    const { issuer, audience, algorithms } = this.spec;
    return {
      issuer,
      audience: [...audience],
      algorithms: [...algorithms],
      requiredClaims: ['exp', 'iss', 'sub', 'aud'],
      ...(this.means === 'google-iap' && { maxTokenAge: MAX_ASSERTION_SECONDS }),
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(this.#wallClock()),
    };
  }
}

/** A token that names no key is tried with each that fits it; the set is bounded. */
async function verifyWith(keys: JWTVerifyGetKey, token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  // Loaded with the first token: a host that sees none starts without it.
  const { jwtVerify } = await import('jose');
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    if (!isFailure(error, 'ERR_JWKS_MULTIPLE_MATCHING_KEYS')) throw error;
    let last: unknown = error;
    for await (const key of error as errors.JWKSMultipleMatchingKeys) {
      try {
        return await jwtVerify(token, key, options);
      } catch (mismatch) {
        if (!isFailure(mismatch, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED')) throw mismatch;
        last = mismatch;
      }
    }
    throw last;
  }
}
