import type { JsonObject } from '@hostler/kernel';
import { authErrors } from './auth-errors.ts';
import { fitsAudience } from './token-issuer.ts';
import type { TokenProof } from './token-issuer.ts';
import { TOLERANCE_SECONDS } from './token-verifier.ts';
import { checkStatedUse } from './token-use.ts';
import type { IntrospectionSpec } from './issuer-spec.ts';

/** How long a client may hold a stream open with a token of which its issuer does not say when it ends. */
const NO_EXPIRY_SECONDS = 3_600;

/** What issuers call access tokens that whoever has them may use. */
const BEARER_TYPES: ReadonlySet<string> = new Set(['bearer', 'access_token']);

/**
 * What the answer about an active token proves (RFC 7662, section 2.2). `now` in milliseconds since 1970.
 * @throws AUTH_EXPIRED, or Error when the token is not for showing it here
 */
export function introspectionProof(claims: JsonObject, spec: IntrospectionSpec, now: number): TokenProof {
  const seconds = now / 1000;
  const { exp, nbf, sub: subject } = claims;
  if (exp !== undefined && typeof exp !== 'number') throw new Error('claim exp');
  if (exp !== undefined && seconds >= exp + TOLERANCE_SECONDS) throw authErrors.EXPIRED();
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= seconds + TOLERANCE_SECONDS))
    throw new Error('claim nbf');
  if (!isIntrospectedFor(spec, claims)) throw new Error('claim iss or aud');
  if (typeof subject !== 'string' || subject === '') throw new Error('claim sub');
  checkIntrospectedUse(claims);
  return {
    method: 'introspection',
    issuer: spec.issuer,
    subject,
    claims,
    header: {},
    expiresAt: ((exp ?? seconds + NO_EXPIRY_SECONDS) + TOLERANCE_SECONDS) * 1000,
  };
}

/** Whether it was issued by this issuer, as far as it says so, and for one of its audiences. */
export function isIntrospectedFor({ issuer, audience }: IntrospectionSpec, { iss, aud }: JsonObject): boolean {
  return (iss === undefined || iss === issuer) && fitsAudience(audience, aud);
}

function checkIntrospectedUse(claims: JsonObject): void {
  checkStatedUse(claims);
  const { token_type: type } = claims;
  if (type === undefined || (typeof type === 'string' && BEARER_TYPES.has(type.toLowerCase()))) return;
  throw new Error('token_type');
}
