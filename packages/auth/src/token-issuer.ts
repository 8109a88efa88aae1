import type { JsonObject } from '@hostler/kernel';
import type { IssuerSpec } from './issuer-spec.ts';

/** How a token came: from the client, or in a header that a proxy signs. */
export type TokenMeans = 'bearer' | 'google-iap' | 'aws-alb';

/** A token, and the hash of all of it. */
export interface PresentedToken {
  readonly text: string;
  readonly digest: string;
}

/** What a token says of itself, before anything is proved. */
export interface UnverifiedToken {
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/** What a good token has proved. */
export interface TokenProof {
  readonly method: 'jwt' | 'introspection' | 'google-iap' | 'aws-alb';
  readonly issuer: string;
  readonly subject: string;
  readonly claims: JsonObject;
  /** As it was signed; empty where nothing was. */
  readonly header: JsonObject;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Milliseconds for which nobody has to be asked again; absent: as long as signatures are remembered. */
  readonly maxAge?: number | undefined;
}

/** Finds out whether tokens of one issuer are good. */
export interface TokenIssuer {
  readonly spec: IssuerSpec;
  readonly means: TokenMeans;
  /** Whether a token may be one of its own; `token` is absent for one that says nothing of itself. */
  mayHaveIssued(token: UnverifiedToken | undefined): boolean;
  /** @throws AUTH_EXPIRED, AUTH_UNAVAILABLE, another error for a token that is not good, or the reason of the signal */
  verify(token: PresentedToken, signal: AbortSignal): Promise<TokenProof>;
  /** Whether what proved this, to whichever table, would be good here as well. */
  accepts(proof: TokenProof): boolean;
}

export function fitsAudience(wanted: readonly string[], aud: unknown): boolean {
  const found: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return wanted.some((each) => found.includes(each));
}
