import type { OAuthSpec } from '@hostler/kernel';
import type { AuthorizationServerMetadata } from '@modelcontextprotocol/client';
import { isSecureAddress } from './bounded-fetch.ts';
import type { BoundedFetch } from './bounded-fetch.ts';
import { oauthErrors } from './oauth-errors.ts';
import type { OAuthLibrary } from './oauth-library.ts';

/** Who gives tokens for a server, and what it and the server say about that. */
export interface Authority {
  readonly url: string;
  readonly issuer: string;
  readonly metadata: AuthorizationServerMetadata | undefined;
  /** RFC 8707: what tokens are asked for; absent where the server says nothing of itself. */
  readonly resource: string | undefined;
  /** Those that the server knows. */
  readonly scopes: readonly string[] | undefined;
}

export interface AuthoritySearch {
  readonly library: OAuthLibrary;
  readonly server: { readonly name: string; readonly url: string; readonly oauth: OAuthSpec };
  /** Where the server says it is written. */
  readonly metadataUrl: string | undefined;
  readonly bounded: BoundedFetch;
  readonly allowsLoopback: boolean;
}

/**
 * Source: MCP 2026-07-28, basic/authorization: RFC 9728, then RFC 8414 or OpenID Connect Discovery.
 * @throws OAUTH_METADATA_INVALID, OAUTH_UNAVAILABLE, or the reason of the signal
 */
export async function findAuthority(search: AuthoritySearch): Promise<Authority> {
  const { library, server, bounded, allowsLoopback } = search;
  const resource = await findResource(search);
  const named = resource?.authorization_servers?.[0];
  const url = server.oauth.issuer ?? named ?? String(new URL('/', server.url));
  if (!isSecureAddress(url, allowsLoopback)) throw invalid(server.name, 'the address of its issuer is not https');
  const metadata = await library
    .discoverAuthorizationServerMetadata(url, { fetchFn: bounded.fetch })
    .catch((error: unknown) => {
      throw failureOf(server.name, bounded, error, 'the metadata of its issuer is none, or another one’s');
    });
  checkMetadata(server.name, metadata, allowsLoopback);
  return {
    url,
    issuer: metadata?.issuer ?? url,
    metadata,
    resource: resource?.resource,
    scopes: resource?.scopes_supported,
  };
}

async function findResource({ library, server, metadataUrl, bounded, allowsLoopback }: AuthoritySearch) {
  const { name, url } = server;
  if (metadataUrl !== undefined && !isSecureAddress(metadataUrl, allowsLoopback)) {
    throw invalid(name, 'the address of its metadata is not https');
  }
  const options = metadataUrl === undefined ? {} : { resourceMetadataUrl: metadataUrl };
  const found = await library
    .discoverOAuthProtectedResourceMetadata(url, options, bounded.fetch)
    // A server of 2025-03-26 has none: its own origin gives tokens. What was refused or broke is no such server.
    .catch(() => undefined);
  if (found === undefined) {
    if (bounded.failure !== undefined) throw failureOf(name, bounded, undefined, '');
    return undefined;
  }
  const requestedResource = library.resourceUrlFromServerUrl(url);
  if (!library.checkResourceAllowed({ requestedResource, configuredResource: found.resource })) {
    throw invalid(name, 'its metadata is that of another resource');
  }
  return found;
}

function checkMetadata(
  server: string,
  metadata: AuthorizationServerMetadata | undefined,
  allowsLoopback: boolean,
): void {
  if (metadata === undefined) return;
  const { authorization_endpoint, token_endpoint, registration_endpoint } = metadata;
  for (const endpoint of [authorization_endpoint, token_endpoint, registration_endpoint]) {
    if (endpoint !== undefined && !isSecureAddress(endpoint, allowsLoopback)) {
      throw invalid(server, 'an endpoint of its issuer is not https');
    }
  }
}

export function invalid(server: string, problem: string): Error {
  return oauthErrors.METADATA_INVALID({ details: { server, problem } });
}

/** Errors of the library quote the other side. */
export function failureOf(server: string, bounded: BoundedFetch, error: unknown, problem: string): Error {
  const { failure } = bounded;
  if (failure !== undefined) return oauthErrors.UNAVAILABLE({ details: { server, problem: failure.message } });
  const name = error instanceof Error ? error.name : 'unknown';
  return oauthErrors.METADATA_INVALID({ details: { server, problem }, cause: new Error(name) });
}
