import { authErrors } from './auth-errors.ts';
import { problemOfAddress } from './issuer-documents.ts';
import type { IssuerSpec, JwtIssuerSpec } from './issuer-spec.ts';

/** With a public key. One with a shared key would make the public keys of the issuer good for signing. */
const ALGORITHMS: ReadonlySet<string> = new Set(
  ['RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits)).concat('EdDSA', 'Ed25519'),
);

/** @throws AUTH_ISSUER_INVALID */
export function checkIssuer(spec: IssuerSpec): void {
  const { name, audience } = spec;
  const found = problemOf(spec) ?? (audience.length === 0 ? 'it needs an audience.' : undefined);
  if (found !== undefined) throw authErrors.ISSUER_INVALID({ details: { name, problem: found } });
}

function problemOf(spec: IssuerSpec): string | undefined {
  if (spec.type === 'introspection') return addressProblem('introspection', spec.url);
  if (spec.type === 'aws-alb') {
    return addressProblem('keys', spec.keys) ?? (spec.signer === '' ? 'it needs a signer.' : undefined);
  }
  const { issuer, jwks } = spec;
  return addressProblem(jwks === undefined ? 'metadata' : 'keys', jwks ?? issuer) ?? algorithmProblem(spec);
}

function addressProblem(what: string, address: string): string | undefined {
  const problem = problemOfAddress(address);
  return problem === undefined ? undefined : `the address of its ${what} ${problem}.`;
}

function algorithmProblem({ algorithms, type }: JwtIssuerSpec): string | undefined {
  if (algorithms.length === 0) return 'it needs algorithms.';
  const foreign = algorithms.find((algorithm) => !ALGORITHMS.has(algorithm));
  if (foreign !== undefined) return `${foreign} is no signature algorithm with a public key.`;
  return type === 'google-iap' && algorithms.join() !== 'ES256' ? 'its signatures are ES256 alone.' : undefined;
}
