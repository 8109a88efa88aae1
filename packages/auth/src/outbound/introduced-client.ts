import { createHash } from 'node:crypto';
import { isJsonObject } from '@hostler/kernel';
import type { OAuthClientInformationMixed, OAuthClientMetadata } from '@modelcontextprotocol/client';
import type { Authority } from './authority.ts';
import { failureOf } from './authority.ts';
import type { BoundedFetch } from './bounded-fetch.ts';
import { isLoopbackAddress } from './bounded-fetch.ts';
import { oauthErrors } from './oauth-errors.ts';
import type { OAuthLibrary } from './oauth-library.ts';
import type { TokenStore } from './token-store.ts';

/** Below the public address of the host. */
export const CALLBACK_PATH = '/oauth/callback';
export const CLIENT_METADATA_PATH = '/client-metadata.json';

/** What the host says of itself. Source: RFC 7591, section 2; draft-ietf-oauth-client-id-metadata-document. */
export function clientMetadata(base: string): OAuthClientMetadata & { readonly client_id: string } {
  return {
    client_id: base + CLIENT_METADATA_PATH,
    client_name: 'Hostler',
    redirect_uris: [base + CALLBACK_PATH],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: isLoopbackAddress(base) ? 'native' : 'web',
  };
}

export interface Introduction {
  readonly library: OAuthLibrary;
  readonly server: string;
  readonly authority: Authority;
  /** The public address of the host, without a slash at its end. */
  readonly base: string;
  readonly scope: string | undefined;
  readonly store: TokenStore;
  readonly bounded: BoundedFetch;
}

export function registrationName(issuer: string, base: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['client', issuer, base]))
    .digest('hex');
}

/** By its metadata document, or by registration. @throws OAUTH_CLIENT_UNKNOWN, OAUTH_UNAVAILABLE, OAUTH_METADATA_INVALID */
export async function introducedClient(introduction: Introduction): Promise<OAuthClientInformationMixed> {
  const { library, server, authority, base, scope, store, bounded } = introduction;
  const { metadata, issuer, url } = authority;
  if (metadata?.client_id_metadata_document_supported === true && base.startsWith('https:')) {
    return { client_id: base + CLIENT_METADATA_PATH };
  }
  const name = registrationName(issuer, base);
  const known = readClient(await store.load(name));
  if (known !== undefined) return known;
  if (metadata !== undefined && metadata.registration_endpoint === undefined) {
    throw oauthErrors.CLIENT_UNKNOWN({ details: { server } });
  }
  const { client_id: _own, ...described } = clientMetadata(base);
  const method = authMethod(metadata?.token_endpoint_auth_methods_supported);
  const registered = await library
    .registerClient(url, {
      ...(metadata && { metadata }),
      clientMetadata: { ...described, token_endpoint_auth_method: method },
      ...(scope !== undefined && { scope }),
      fetchFn: bounded.fetch,
    })
    .catch((error: unknown) => {
      throw failureOf(server, bounded, error, 'it does not register the host');
    });
  await store.save(name, JSON.stringify(registered));
  return registered;
}

/** What an issuer says that knows the host no longer. Source: RFC 6749, sections 4.1.2.1 and 5.2. */
const FORGOTTEN: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client']);

export interface Registration {
  readonly store: TokenStore;
  readonly issuer: string;
  readonly base: string;
  readonly clientId: string;
}

/** The next one who wants a token registers anew, where that was what the registration was good for. */
export async function dropForgotten(problem: unknown, { store, issuer, base, clientId }: Registration): Promise<void> {
  if (typeof problem !== 'string' || !FORGOTTEN.has(problem)) return;
  const name = registrationName(issuer, base);
  // Somebody else may have registered anew meanwhile.
  if (readClient(await store.load(name))?.client_id === clientId) await store.remove(name);
}

/** A secret where there can be one. RFC 8414: without a word it is `client_secret_basic`. */
function authMethod(supported: readonly string[] = ['client_secret_basic']): string {
  return ['client_secret_basic', 'client_secret_post'].find((each) => supported.includes(each)) ?? 'none';
}

function readClient(text: string | undefined): OAuthClientInformationMixed | undefined {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value) || typeof value['client_id'] !== 'string') return undefined;
  const { client_secret_expires_at: end } = value;
  // RFC 7591, section 3.2.1: 0 is never.
  if (typeof end === 'number' && end !== 0 && end * 1000 <= Date.now()) return undefined;
  return value as unknown as OAuthClientInformationMixed;
}
