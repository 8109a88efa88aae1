import type { OAuthTokens } from '@modelcontextprotocol/client';
import { isHostlerError, isJsonObject } from '@hostler/kernel';
import type { AuthorityAccess, GrantContext, GrantServer } from './grant-context.ts';
import { CLIENT_METADATA_PATH, dropForgotten, registrationName } from './introduced-client.ts';
import { oauthErrors } from './oauth-errors.ts';
import { configuredClient } from './own-client.ts';
import type { OwnClient } from './own-client.ts';
import { checked } from './request-token.ts';
import type { StoredToken } from './stored-token.ts';

export interface Refreshing {
  readonly context: GrantContext;
  readonly server: GrantServer;
  readonly access: AuthorityAccess;
  readonly token: StoredToken;
  readonly refresh: string;
}

/** @throws OAUTH_REFUSED: a person has to agree again; OAUTH_UNAVAILABLE, SECRET_* */
export async function refreshToken(refreshing: Refreshing): Promise<OAuthTokens> {
  const { context, server, access, refresh } = refreshing;
  const { library, authority, bounded } = access;
  const client = await sameClient(refreshing);
  if (client === undefined) throw oauthErrors.REFUSED({ details: { server: server.name, problem: 'invalid_client' } });
  const { information, addClientAuthentication } = client;
  const refreshed = checked(server.name, access, () =>
    library.refreshAuthorization(authority.url, {
      ...(authority.metadata && { metadata: authority.metadata }),
      clientInformation: information,
      refreshToken: refresh,
      ...(authority.resource !== undefined && { resource: authority.resource }),
      ...(addClientAuthentication && { addClientAuthentication }),
      fetchFn: bounded.fetch,
    }),
  );
  return refreshed.catch(async (error: unknown) => {
    const base = context.base();
    if (isHostlerError(error) && base !== undefined) {
      const registration = { store: context.store, issuer: authority.issuer, base, clientId: information.client_id };
      await dropForgotten(error.details['problem'], registration);
    }
    throw error;
  });
}

/** A refresh token is good for the client alone that it was given to. */
async function sameClient({ context, server, access, token }: Refreshing): Promise<OwnClient | undefined> {
  const { authority } = access;
  const configured = await configuredClient(server.oauth, authority, context.secrets, context.closed);
  if (configured !== undefined) {
    return configured.information.client_id === token.clientId ? configured : undefined;
  }
  if (token.clientId.endsWith(CLIENT_METADATA_PATH)) return { information: { client_id: token.clientId } };
  const base = context.base();
  const text = base === undefined ? undefined : await context.store.load(registrationName(authority.issuer, base));
  const known: unknown = text === undefined ? undefined : JSON.parse(text);
  if (!isJsonObject(known) || known['client_id'] !== token.clientId) return undefined;
  return { information: known as unknown as OwnClient['information'] };
}
