import type { IssuerSpec } from '@hostler/kernel';
import type { CheckedConfig, CheckedIssuer } from '../schema/config-file.ts';
import type { AuthSpec } from './host-plan.ts';

export function toAuthSpec({ auth: { issuers, resource } }: CheckedConfig): AuthSpec {
  return {
    issuers: Object.entries(issuers).map(([name, issuer]) => toIssuerSpec(name, issuer, resource)),
    ...(resource !== undefined && { resource }),
  };
}

/** Without any audience it is of no use to anyone; that is refused before. */
function toIssuerSpec(name: string, written: CheckedIssuer, resource: string | undefined): IssuerSpec {
  const { issuer, algorithms, jwks } = written;
  const audience = written.audience ?? (resource === undefined ? [] : [resource]);
  return { name, issuer, audience: [...audience], algorithms: [...algorithms], ...(jwks !== undefined && { jwks }) };
}
