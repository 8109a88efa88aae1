import type { IssuerSpec, JsonObject } from '@hostler/kernel';
import type { errors, JWTVerifyGetKey, JWTVerifyOptions, JWTVerifyResult } from 'jose';
import { authErrors } from './auth-errors.ts';
import { problemOfAddress } from './issuer-documents.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { isFailure } from './token-failure.ts';

/** How far clocks may be apart. */
export const TOLERANCE_SECONDS = 30;

/** With a public key. One with a shared key would make the public keys of the issuer good for signing. */
const ALGORITHMS: ReadonlySet<string> = new Set(
  ['RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits)).concat('EdDSA', 'Ed25519'),
);

/** RFC 9068 calls it `at+jwt`; many issuers say `JWT`, or nothing. */
const ACCESS_TOKEN_TYPES: ReadonlySet<unknown> = new Set(['at+jwt', 'application/at+jwt']);
const PLAIN_TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'application/jwt']);

/** What only ID tokens have, which tell a client who its user is, and open nothing. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash'] as const;

export interface VerifiedToken {
  readonly claims: JsonObject;
  readonly algorithm: string;
  readonly subject: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

/** @throws AUTH_ISSUER_INVALID */
export function checkIssuer({ name, issuer, jwks, algorithms, audience }: IssuerSpec): void {
  const address = problemOfAddress(jwks ?? issuer);
  const foreign = algorithms.find((algorithm) => !ALGORITHMS.has(algorithm));
  const problem =
    address === undefined ? undefined : `the address of its ${jwks === undefined ? 'metadata' : 'keys'} ${address}.`;
  const found =
    problem ??
    (algorithms.length === 0 ? 'it needs algorithms.' : undefined) ??
    (foreign === undefined ? undefined : `${foreign} is no signature algorithm with a public key.`) ??
    (audience.length === 0 ? 'it needs an audience.' : undefined);
  if (found !== undefined) throw authErrors.ISSUER_INVALID({ details: { name, problem: found } });
}

/** Verifies the tokens of one issuer. */
export class TokenVerifier {
  readonly spec: IssuerSpec;
  readonly #keys: IssuerKeys;
  readonly #wallClock: () => number;

  constructor(spec: IssuerSpec, keys: IssuerKeys, wallClock: () => number) {
    this.spec = spec;
    this.#keys = keys;
    this.#wallClock = wallClock;
  }

  /** @throws an error of `jose` or of `checkUse`, AUTH_UNAVAILABLE, or the reason of the signal */
  async verify(token: string, signal: AbortSignal): Promise<VerifiedToken> {
    const { payload, protectedHeader } = await this.#verified(token, signal);
    const claims = payload as unknown as JsonObject;
    checkUse(claims, protectedHeader.typ);
    const { sub: subject, exp: expires } = payload;
    if (typeof subject !== 'string' || subject === '' || expires === undefined) throw new Error('claim sub');
    return { claims, algorithm: protectedHeader.alg, subject, expires };
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

/** @throws Error when the token was not made for showing it to a host like this one. */
function checkUse(claims: JsonObject, headerType: string | undefined): void {
  // A key goes with it that whoever sent it has not shown to have: RFC 9449, RFC 8705.
  if (claims.cnf !== undefined) throw new Error('bound to a key');
  const type = headerType?.toLowerCase();
  if (ACCESS_TOKEN_TYPES.has(type)) return;
  if (!PLAIN_TYPES.has(type)) throw new Error('header typ');
  if (ID_TOKEN_CLAIMS.some((claim) => claims[claim] !== undefined)) throw new Error('an ID token');
  // Cognito says it in `token_use`, Keycloak in a claim `typ`.
  if (claims.token_use !== undefined && claims.token_use !== 'access') throw new Error('claim token_use');
  if (claims.typ !== undefined && claims.typ !== 'Bearer') throw new Error('claim typ');
}
