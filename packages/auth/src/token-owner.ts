import type { ConsumerSpec, IssuerSpec, JsonObject } from '@hostler/kernel';
import { claimValues } from './claim-values.ts';
import { fitsPattern } from './text-pattern.ts';

/** Whose tokens with these claims are: the first consumer, in the order of the configuration, of which every claim fits. */
export function tokenOwner(
  consumers: readonly ConsumerSpec[],
  issuer: Pick<IssuerSpec, 'name'>,
  claims: JsonObject,
): string | undefined {
  return consumers.find(({ tokens }) =>
    tokens.some((match) => match.issuer === issuer.name && everyClaimFits(match.claims, claims)),
  )?.name;
}

function everyClaimFits(patterns: Readonly<Record<string, string>>, claims: JsonObject): boolean {
  return Object.entries(patterns).every(([path, pattern]) =>
    claimValues(claims, path).some((value) => fitsPattern(value, pattern)),
  );
}
