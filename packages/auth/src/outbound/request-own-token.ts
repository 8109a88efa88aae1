import type { Consumer } from '@hostler/kernel';
import type { OAuthTokens } from '@modelcontextprotocol/client';
import type { AuthorityAccess, GrantContext, GrantServer } from './grant-context.ts';
import { oauthErrors } from './oauth-errors.ts';
import { configuredClient } from './own-client.ts';
import { requestToken } from './request-token.ts';

export interface WantedToken {
  readonly scope: string | undefined;
  readonly consumer: Consumer;
}

/** Without a person: the host's own token, or the one that the caller's is exchanged for. @throws OAUTH_*, SECRET_* */
export async function requestOwnToken(
  context: GrantContext,
  server: GrantServer,
  access: AuthorityAccess,
  { scope, consumer }: WantedToken,
): Promise<{ readonly tokens: OAuthTokens; readonly clientId: string }> {
  const { oauth, name } = server;
  const client = await configuredClient(oauth, access.authority, context.secrets, context.closed);
  if (client === undefined) throw oauthErrors.CLIENT_UNKNOWN({ details: { server: name } });
  const parameters = new URLSearchParams({ grant_type: 'client_credentials' });
  if (oauth.grant === 'token-exchange') {
    const subject = context.subjectTokenOf(consumer);
    if (subject === undefined) throw oauthErrors.SUBJECT_MISSING({ details: { server: name } });
    // RFC 8693, section 2.1. The one place that the caller's token goes to.
    parameters.set('grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange');
    parameters.set('subject_token', subject);
    parameters.set('subject_token_type', 'urn:ietf:params:oauth:token-type:access_token');
    if (oauth.audience !== undefined) parameters.set('audience', oauth.audience);
  }
  if (scope !== undefined) parameters.set('scope', scope);
  const tokens = await requestToken({ server: name, access, client }, parameters);
  return { tokens, clientId: client.information.client_id };
}
