import type { JsonObject } from '@hostler/kernel';
import { fillTemplate } from './claim-template.ts';
import { claimValues } from './claim-values.ts';
import { fitsPattern } from './text-pattern.ts';
import type { ConsumerSpec, TokenMatchSpec } from './consumer-spec.ts';
import type { IssuerSpec } from './issuer-spec.ts';

/** Whose a token is; or what it lacks to be theirs. */
export type TokenOwner = { readonly name: string } | { readonly missing: readonly string[] };

interface ReadToken {
  readonly claims: JsonObject;
  readonly scopes: readonly string[];
}

/**
 * Whose tokens with these claims are: the first consumer, in the order of the configuration, of which every claim of an
 * entry fits; or else the one that the claims name, where its issuer may. Absent: nobody's.
 */
export function tokenOwner(
  consumers: readonly ConsumerSpec[],
  issuer: Pick<IssuerSpec, 'name' | 'scopes' | 'consumer'>,
  token: ReadToken,
): TokenOwner | undefined {
  const has = (scopes: readonly string[] = []): boolean => scopes.every((scope) => token.scopes.includes(scope));
  for (const { name, tokens } of consumers) {
    const fitting = tokens.filter((match) => fits(match, issuer, token.claims));
    if (fitting[0] === undefined) continue;
    if (has(issuer.scopes) && fitting.some(({ scopes }) => has(scopes))) return { name };
    return { missing: [...new Set([...(issuer.scopes ?? []), ...(fitting[0].scopes ?? [])])] };
  }
  const named = issuer.consumer === undefined ? undefined : fillTemplate(issuer.consumer, token.claims);
  if (named === undefined || !consumers.some(({ name }) => name === named)) return undefined;
  return has(issuer.scopes) ? { name: named } : { missing: issuer.scopes ?? [] };
}

function fits(match: TokenMatchSpec, issuer: Pick<IssuerSpec, 'name'>, claims: JsonObject): boolean {
  return match.issuer === issuer.name && everyClaimFits(match.claims, claims);
}

function everyClaimFits(patterns: Readonly<Record<string, string>>, claims: JsonObject): boolean {
  return Object.entries(patterns).every(([path, pattern]) =>
    claimValues(claims, path).some((value) => fitsPattern(value, pattern)),
  );
}
