import type { IssuerSpec } from './issuer-spec.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** RFC 9728, section 2. */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers?: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly string[];
}

export interface ProtectedResource {
  /** Its public URL. */
  readonly resource: string;
  readonly issuers: readonly AskedIssuer[];
}

type AskedIssuer = Pick<IssuerSpec, 'issuer' | 'type' | 'scopes'>;

/** Where a client that comes without a token may get one. */
export function protectedResourceMetadata({ resource, issuers }: ProtectedResource): ProtectedResourceMetadata {
  const asked = issuers.filter(isAsked);
  const servers = [...new Set(asked.map(({ issuer }) => issuer))];
  // What every token needs, no more: clients that were told nothing else ask for all of them (MCP, authorization).
  const scopes = [...new Set(asked.flatMap((issuer) => issuer.scopes ?? []))];
  return {
    resource,
    // RFC 9728 forbids an empty list.
    ...(servers.length === 0 ? {} : { authorization_servers: servers }),
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    // Never in a query: addresses end up in logs.
    bearer_methods_supported: ['header'],
  };
}

/**
 * What a client that shows no token is told to ask for: the scopes that every issuer wants, for it is not known to which one
 * it goes, and an issuer refuses scopes that it does not know. Absent: none.
 */
export function scopesToAskFor(issuers: readonly AskedIssuer[]): string | undefined {
  const [first, ...others] = issuers.filter(isAsked).map(({ scopes = [] }) => scopes);
  const common = (first ?? []).filter((scope) => others.every((scopes) => scopes.includes(scope)));
  return common.length === 0 ? undefined : common.join(' ');
}

/** Nobody logs in at a proxy that signs headers by asking it for a token. */
function isAsked({ type }: AskedIssuer): boolean {
  return type === undefined || type === 'introspection';
}

/** RFC 9728, section 3.1: the well-known path goes between the host and the path of the resource. */
export function protectedResourceMetadataUrl(resource: string): string {
  const { origin, pathname, search } = new URL(resource);
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}${search}`;
}
