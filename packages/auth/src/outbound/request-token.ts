import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/client';
import type { Authority } from './authority.ts';
import type { AuthorityAccess } from './grant-context.ts';
import { oauthErrors } from './oauth-errors.ts';
import type { OwnClient } from './own-client.ts';

/** Source: RFC 6749, section 5.2: the words that a refusal may be repeated with. */
const KNOWN: ReadonlySet<string> = new Set(
  'invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type invalid_scope invalid_target'.split(
    ' ',
  ),
);

/** What is kept and sent again is bounded, whoever gave it. Source: RFC 6749, appendix A. */
const TOKEN = /^[\x21-\x7e]{1,16384}$/;
const SCOPE = /^[\x20-\x7e]{0,16384}$/;

export interface TokenRequest {
  readonly server: string;
  readonly access: AuthorityAccess;
  readonly client: OwnClient;
}

/** A token for the parameters of a grant. @throws OAUTH_REFUSED, OAUTH_UNAVAILABLE */
export async function requestToken(
  { server, access, client }: TokenRequest,
  parameters: URLSearchParams,
): Promise<OAuthTokens> {
  const { library, authority, bounded } = access;
  const { information, addClientAuthentication } = client;
  return checked(server, access, () =>
    library.fetchToken(
      {
        redirectUrl: undefined,
        clientMetadata: { redirect_uris: [] },
        clientInformation: () => stamped(information, authority),
        tokens: () => undefined,
        saveTokens: () => undefined,
        redirectToAuthorization: () => undefined,
        saveCodeVerifier: () => undefined,
        codeVerifier: () => '',
        prepareTokenRequest: () => parameters,
        ...(addClientAuthentication && { addClientAuthentication }),
      },
      authority.url,
      {
        ...(authority.metadata && { metadata: authority.metadata }),
        ...(authority.resource !== undefined && { resource: authority.resource }),
        fetchFn: bounded.fetch,
      },
    ),
  );
}

/** @throws OAUTH_REFUSED: `details.code` says why; OAUTH_UNAVAILABLE */
export async function checked(
  server: string,
  { library, bounded }: AuthorityAccess,
  ask: () => Promise<OAuthTokens>,
): Promise<OAuthTokens> {
  let tokens: OAuthTokens;
  try {
    tokens = await ask();
  } catch (error) {
    const { failure } = bounded;
    if (failure !== undefined) throw oauthErrors.UNAVAILABLE({ details: { server, problem: failure.message } });
    // Neither the token nor the host is wrong then.
    if (bounded.status === 429 || (bounded.status ?? 0) >= 500) {
      throw oauthErrors.UNAVAILABLE({ details: { server, problem: `it answered with status ${bounded.status}` } });
    }
    const code = error instanceof library.OAuthError && KNOWN.has(error.code) ? error.code : 'unusable_answer';
    throw oauthErrors.REFUSED({ details: { server, problem: code } });
  }
  const { token_type: type, access_token: access, refresh_token: refresh = 'x', scope = '' } = tokens;
  const isBounded = [access, refresh].every((each) => TOKEN.test(each)) && SCOPE.test(scope);
  if (type.toLowerCase() === 'bearer' && isBounded) return tokens;
  throw oauthErrors.REFUSED({ details: { server, problem: 'it is no bearer token' } });
}

function stamped(information: OAuthClientInformationMixed, { issuer }: Authority) {
  return { ...information, issuer };
}
