import type { IssuerSpec } from '@hostler/kernel';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** RFC 9728, section 2. */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers?: readonly string[];
  readonly bearer_methods_supported: readonly string[];
}

export interface ProtectedResource {
  /** Its public URL. */
  readonly resource: string;
  readonly issuers: readonly Pick<IssuerSpec, 'issuer'>[];
}

/** Where a client that comes without a token may get one. */
export function protectedResourceMetadata({ resource, issuers }: ProtectedResource): ProtectedResourceMetadata {
  const servers = [...new Set(issuers.map(({ issuer }) => issuer))];
  return {
    resource,
    // RFC 9728 forbids an empty list.
    ...(servers.length === 0 ? {} : { authorization_servers: servers }),
    // Never in a query: addresses end up in logs.
    bearer_methods_supported: ['header'],
  };
}

/** RFC 9728, section 3.1: the well-known path goes between the host and the path of the resource. */
export function protectedResourceMetadataUrl(resource: string): string {
  const { origin, pathname, search } = new URL(resource);
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}${search}`;
}
