import { isHostlerError, principalOf } from '@hostler/kernel';
import type { Consumer } from '@hostler/kernel';
import type { OAuthTokens } from '@modelcontextprotocol/client';
import { invalid } from './authority.ts';
import { createState } from './consents.ts';
import type { ConsentAnswer } from './consents.ts';
import type { AuthorityAccess, GrantContext, GrantServer } from './grant-context.ts';
import { CALLBACK_PATH, dropForgotten, introducedClient } from './introduced-client.ts';
import { oauthErrors } from './oauth-errors.ts';
import { configuredClient } from './own-client.ts';
import type { OwnClient } from './own-client.ts';
import { checked } from './request-token.ts';

export const CONSENT_PATH = '/oauth/consent';

export interface BeginningConsent {
  readonly context: GrantContext;
  readonly server: GrantServer;
  readonly access: AuthorityAccess;
  readonly consumer: Consumer;
  readonly scope: string | undefined;
  readonly take: (tokens: OAuthTokens, clientId: string) => Promise<void>;
}

/** @returns what whoever wants the token is told. @throws OAUTH_* where there is nothing to agree to */
export async function beginConsent(
  beginning: BeginningConsent,
): Promise<{ readonly id: string; readonly error: Error }> {
  const { context, server, access, consumer, scope } = beginning;
  const { library, authority, bounded } = access;
  const base = context.base();
  if (base === undefined) throw oauthErrors.ADDRESS_MISSING({ details: { server: server.name } });
  const { metadata } = authority;
  // Source: MCP 2026-07-28, basic/authorization: without a word on PKCE there is none, and no way on.
  if (metadata !== undefined && metadata.code_challenge_methods_supported?.includes('S256') !== true) {
    throw invalid(server.name, 'its issuer does not do PKCE');
  }
  const client = (await configuredClient(server.oauth, authority, context.secrets, context.closed)) ?? {
    information: await introducedClient({
      library,
      server: server.name,
      authority,
      base,
      scope,
      store: context.store,
      bounded,
    }),
  };
  const state = createState();
  const redirectUrl = base + CALLBACK_PATH;
  const { authorizationUrl, codeVerifier } = await library.startAuthorization(authority.url, {
    ...(metadata && { metadata }),
    clientInformation: client.information,
    redirectUrl,
    state,
    ...(scope !== undefined && { scope }),
    ...(authority.resource !== undefined && { resource: authority.resource }),
  });
  const { id } = context.consents.open({
    server: server.name,
    principal: principalOf(consumer),
    consumer: consumer.name,
    subject: consumer.identity?.subject,
    issuer: authority.issuer,
    state,
    authorizationUrl,
    complete: async (answer) => {
      try {
        await complete(beginning, client, { ...answer, codeVerifier, redirectUrl });
      } catch (error) {
        const clientId = client.information.client_id;
        const registration = { store: context.store, issuer: authority.issuer, base, clientId };
        if (isHostlerError(error)) await dropForgotten(error.details['problem'], registration);
        throw error;
      }
    },
  });
  const details = { server: server.name, url: `${base}${CONSENT_PATH}/${id}`, elicitationId: id };
  return { id, error: oauthErrors.CONSENT_REQUIRED({ details }) };
}

interface Redemption extends ConsentAnswer {
  readonly codeVerifier: string;
  readonly redirectUrl: string;
}

async function complete(
  { server, access, take }: BeginningConsent,
  { information, addClientAuthentication }: OwnClient,
  { code, iss, error, codeVerifier, redirectUrl }: Redemption,
): Promise<void> {
  const { library, authority, bounded } = access;
  const { metadata } = authority;
  try {
    // RFC 9207: of a refusal as well.
    library.validateAuthorizationResponseIssuer({
      iss,
      expectedIssuer: metadata?.issuer,
      issParameterSupported: metadata?.['authorization_response_iss_parameter_supported'] === true,
    });
  } catch {
    throw invalid(server.name, 'an answer came from another issuer');
  }
  if (error === 'unauthorized_client' || error === 'invalid_client') {
    throw oauthErrors.REFUSED({ details: { server: server.name, problem: error } });
  }
  if (error !== undefined || code === undefined) {
    throw oauthErrors.CONSENT_DENIED({ details: { server: server.name } });
  }
  const tokens = await checked(server.name, access, () =>
    library.exchangeAuthorization(authority.url, {
      ...(metadata && { metadata }),
      clientInformation: information,
      authorizationCode: code,
      ...(iss !== undefined && { iss }),
      codeVerifier,
      redirectUri: redirectUrl,
      ...(authority.resource !== undefined && { resource: authority.resource }),
      ...(addClientAuthentication && { addClientAuthentication }),
      fetchFn: bounded.fetch,
    }),
  );
  await take(tokens, information.client_id);
}
