import type { OAuthClientProvider } from '@modelcontextprotocol/client';
import { browse } from './browser.ts';

/** Where the client of a person waits for the code; nothing listens there, since the browser stops before. */
const CALLBACK = 'http://127.0.0.1:6277/callback';

/** What the official client asks of the application around it: here one whose user agrees to everything. */
export class SigningIn implements OAuthClientProvider {
  readonly redirectUrl = CALLBACK;
  readonly clientMetadata = {
    client_name: 'interop',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  };
  /** The query with which the browser came back. */
  returned: URLSearchParams | undefined;
  /** The last page that the user was sent to. */
  asked: URL | undefined;
  #client: unknown;
  #tokens: { access_token: string } | undefined;
  #verifier = '';

  get accessToken(): string {
    return this.#tokens?.access_token ?? '';
  }

  clientInformation(): never {
    return this.#client as never;
  }

  saveClientInformation(client: unknown): void {
    this.#client = client;
  }

  tokens(): never {
    return this.#tokens as never;
  }

  saveTokens(tokens: { access_token: string }): void {
    this.#tokens = tokens;
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    this.asked = url;
    const end = await browse(url.href, ({ href }) => href.startsWith(CALLBACK));
    this.returned = end.searchParams;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }
}
