import type { Clock, Consumer, Logger, OAuthSpec } from '@hostler/kernel';
import type { SecretResolver } from '@hostler/secrets';
import { BoundedFetch, isLoopbackAddress } from './bounded-fetch.ts';
import { findAuthority } from './authority.ts';
import type { Authority } from './authority.ts';
import type { Consents } from './consents.ts';
import { loadOAuthLibrary } from './oauth-library.ts';
import type { OAuthLibrary } from './oauth-library.ts';
import type { TokenStore } from './token-store.ts';

export interface GrantServer {
  readonly name: string;
  readonly url: string;
  readonly oauth: OAuthSpec;
}

/** What all grants share. */
export interface GrantContext {
  /** For the addresses that this server and its issuer name. */
  readonly fetchFor: (server: GrantServer) => typeof fetch;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly log: Logger;
  readonly secrets: Pick<SecretResolver, 'resolve'>;
  readonly store: TokenStore;
  readonly consents: Consents;
  /** Where browsers reach the host; absent: nowhere. */
  readonly base: () => string | undefined;
  /** Takes a value into what is masked. */
  readonly remember: (value: string, name: string) => void;
  readonly subjectTokenOf: (consumer: Consumer) => string | undefined;
  /** Fires when the host stops. */
  readonly closed: AbortSignal;
}

/** A look at who gives tokens, and the way to ask there. */
export interface AuthorityAccess {
  readonly library: OAuthLibrary;
  readonly authority: Authority;
  readonly bounded: BoundedFetch;
}

/** @throws OAUTH_METADATA_INVALID, OAUTH_UNAVAILABLE, or the reason of the signal */
export async function accessAuthority(
  { fetchFor, clock, closed }: GrantContext,
  server: GrantServer,
  metadataUrl: string | undefined,
): Promise<AuthorityAccess> {
  const library = await loadOAuthLibrary();
  const { url, oauth } = server;
  const allowsLoopback = isLoopbackAddress(url) || (oauth.issuer !== undefined && isLoopbackAddress(oauth.issuer));
  const bounded = new BoundedFetch({ fetch: fetchFor(server), clock, signal: closed, allowsLoopback });
  const authority = await findAuthority({ library, server, metadataUrl, bounded, allowsLoopback });
  return { library, authority, bounded };
}
