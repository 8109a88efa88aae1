import type { JsonObject } from '@hostler/kernel';

/** RFC 9068 calls it `at+jwt`; many issuers say `JWT`, or nothing. */
const ACCESS_TOKEN_TYPES: ReadonlySet<unknown> = new Set(['at+jwt', 'application/at+jwt']);
const PLAIN_TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'application/jwt']);

/** What ID tokens have, which tell a client who its user is, and open nothing. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash'] as const;

/**
 * What Cognito and Hydra (`token_use`) and Keycloak (`typ`) say of access tokens; their ID tokens and refresh tokens have
 * another word in the same place.
 */
const ACCESS_WORDS: Readonly<Record<'token_use' | 'typ', readonly unknown[]>> = {
  token_use: ['access', 'access_token'],
  typ: ['Bearer'],
};

/** @throws Error when the signed token was not made for showing it to a host like this one. */
export function checkTokenUse(claims: JsonObject, typ: unknown, tokenType?: 'at+jwt'): void {
  const type = typeof typ === 'string' ? typ.toLowerCase() : typ;
  const isAccessToken = ACCESS_TOKEN_TYPES.has(type);
  if (!isAccessToken && (tokenType !== undefined || !PLAIN_TYPES.has(type))) throw new Error('header typ');
  const says = checkStatedUse(claims);
  if (isAccessToken || says) return;
  // Older releases of Keycloak put the nonce of the login into access tokens as well, which say that they are such.
  if (ID_TOKEN_CLAIMS.some((claim) => claims[claim] !== undefined)) throw new Error('an ID token');
}

/** @returns whether it says of itself that it is an access token @throws Error when it says that it is something else */
export function checkStatedUse(claims: JsonObject): boolean {
  // A key goes with it that whoever sent it has not shown to have: RFC 9449, RFC 8705.
  if (claims.cnf !== undefined) throw new Error('bound to a key');
  let says = false;
  for (const [claim, words] of Object.entries(ACCESS_WORDS)) {
    const word = claims[claim];
    if (word === undefined) continue;
    if (!words.includes(word)) throw new Error(`claim ${claim}`);
    says = true;
  }
  return says;
}
