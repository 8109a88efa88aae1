import { authErrors } from './auth-errors.ts';
import type { RequestFacts } from './request-facts.ts';
import { meansOfHeader } from './signed-headers.ts';
import type { TokenMeans } from './token-issuer.ts';

/** Longest header that is looked at: no key and no sensible token comes near it. */
export const MAX_CREDENTIAL_LENGTH = 8 * 1024;

const BEARER = /^bearer +([\x21-\x7e]+)$/i;
const VISIBLE = /^[\x21-\x7e]+$/;

export interface PresentedCredential {
  readonly text: string;
  /** `x-api-key` is for keys, the header of a proxy for what it signs; a bearer token may be either, but nothing of a proxy. */
  readonly means: TokenMeans | 'key';
}

/**
 * The one credential of a request. Two of them are refused, whether they agree or not: whoever stands between the client
 * and this host may have looked at the other one. That holds for a header that came twice, too: the comma and the space
 * between its values are nothing that a credential may hold.
 * @throws AUTH_MISSING, AUTH_INVALID
 */
export function presentedCredential(facts: RequestFacts): PresentedCredential {
  const { authorization, apiKey, signed } = facts;
  if (signed !== undefined) return signedCredential(facts, signed);
  if (authorization === undefined && apiKey === undefined) throw authErrors.MISSING();
  if (authorization !== undefined && apiKey !== undefined) throw invalid('two credentials');
  const header = authorization ?? apiKey ?? '';
  if (header.length > MAX_CREDENTIAL_LENGTH) throw invalid('too long');
  const text = authorization === undefined ? VISIBLE.exec(header)?.[0] : BEARER.exec(header)?.[1];
  if (text === undefined) throw invalid('no key and no bearer token');
  return { text, means: authorization === undefined ? 'key' : 'bearer' };
}

function signedCredential(
  { authorization, apiKey }: RequestFacts,
  signed: Readonly<Record<string, string>>,
): PresentedCredential {
  const [[name, text] = ['', ''], ...others] = Object.entries(signed);
  if (authorization !== undefined || apiKey !== undefined || others.length > 0) throw invalid('two credentials');
  const means = meansOfHeader(name);
  if (text.length > MAX_CREDENTIAL_LENGTH) throw invalid('too long');
  if (means === undefined || !VISIBLE.test(text)) throw invalid('no signed header');
  return { text, means };
}

function invalid(reason: string): Error {
  return authErrors.INVALID({ cause: new Error(reason) });
}
