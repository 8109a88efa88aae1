import type { TokenMeans } from './token-issuer.ts';
import type { IssuerSpec } from './issuer-spec.ts';

/** The headers that proxies sign, in lower case. Source: the documentation of Google Cloud IAP and of Elastic Load Balancing */
const HEADERS: readonly (readonly [header: string, means: TokenMeans])[] = [
  ['x-goog-iap-jwt-assertion', 'google-iap'],
  ['x-amzn-oidc-data', 'aws-alb'],
];

/** Those that count here. */
export function signedHeaders(issuers: readonly Pick<IssuerSpec, 'type'>[]): readonly string[] {
  return HEADERS.flatMap(([header, means]) => (issuers.some(({ type }) => type === means) ? [header] : []));
}

export function meansOfHeader(name: string): TokenMeans | undefined {
  return HEADERS.find(([header]) => header === name)?.[1];
}
