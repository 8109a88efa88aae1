import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { authErrors } from './auth-errors.ts';
import type { LoadBalancerKeys } from './load-balancer-keys.ts';
import type { PresentedToken, TokenIssuer, TokenProof, UnverifiedToken } from './token-issuer.ts';
import { TOLERANCE_SECONDS } from './token-verifier.ts';
import { unverifiedToken } from './unverified-token.ts';
import type { LoadBalancerSpec } from './issuer-spec.ts';

/**
 * What an Application Load Balancer signs of who has logged in there: for whom, by whom and until when stands in the header
 * of the token. Source: docs.aws.amazon.com, "Authenticate users using an Application Load Balancer".
 */
export class LoadBalancer implements TokenIssuer {
  readonly spec: LoadBalancerSpec;
  readonly means = 'aws-alb';
  readonly #keys: LoadBalancerKeys;
  readonly #wallClock: () => number;

  constructor(spec: LoadBalancerSpec, keys: LoadBalancerKeys, wallClock: () => number) {
    this.spec = spec;
    this.#keys = keys;
    this.#wallClock = wallClock;
  }

  mayHaveIssued(token: UnverifiedToken | undefined): boolean {
    return token !== undefined && this.#isOwn(token.header);
  }

  accepts({ method, header }: TokenProof): boolean {
    return method === 'aws-alb' && this.#isOwn(header);
  }

  async verify({ text }: PresentedToken, signal: AbortSignal): Promise<TokenProof> {
    const said: JsonObject = unverifiedToken(text)?.header ?? {};
    // Before any key is read for it.
    const expiresAt = this.#endOf(said);
    const key = await this.#keys.find(typeof said.kid === 'string' ? said.kid : '', signal);
    if (key === undefined) throw new Error('no such key');
    const { compactVerify } = await import('jose');
    // It ends the parts in `=`, which is no base64url (RFC 7515, 2), and signs them so: they are left as they are.
    const { payload, protectedHeader } = await compactVerify(text, key, { algorithms: ['ES256'] });
    const header = protectedHeader as unknown as JsonObject;
    const claims = this.#claimsIn(payload);
    const { sub: subject } = claims;
    if (typeof subject !== 'string' || subject === '') throw new Error('claim sub');
    return { method: 'aws-alb', issuer: this.spec.issuer, subject, claims, header, expiresAt };
  }

  #isOwn({ signer, iss, client }: JsonObject): boolean {
    const { spec } = this;
    return signer === spec.signer && iss === spec.issuer && spec.audience.some((each) => each === client);
  }

  /** In milliseconds. @throws AUTH_EXPIRED, or Error */
  #endOf({ alg, exp }: JsonObject): number {
    if (alg !== 'ES256') throw new Error('header alg');
    if (typeof exp !== 'number') throw new Error('header exp');
    const end = (exp + TOLERANCE_SECONDS) * 1000;
    if (this.#wallClock() >= end) throw authErrors.EXPIRED();
    return end;
  }

  #claimsIn(payload: Uint8Array): JsonObject {
    const claims: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    if (!isJsonObject(claims)) throw new Error('no claims');
    if (claims.iss !== undefined && claims.iss !== this.spec.issuer) throw new Error('claim iss');
    return claims;
  }
}
