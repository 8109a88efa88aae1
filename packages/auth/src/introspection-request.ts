import type { SecretResolver } from '@hostler/secrets';
import type { IntrospectionSpec } from './issuer-spec.ts';

/**
 * The question about a token (RFC 7662, section 2.1), asked as the client that the configuration names (RFC 6749, 2.3.1).
 * @throws SECRET_*, or the reason of the signal
 */
export async function introspectionRequest(
  token: string,
  { clientId, clientSecret }: Pick<IntrospectionSpec, 'clientId' | 'clientSecret'>,
  { secrets, signal }: { readonly secrets: Pick<SecretResolver, 'resolve'>; readonly signal: AbortSignal },
): Promise<RequestInit> {
  const { secret: reference, format = '{}' } = clientSecret;
  const secret = await secrets.resolve(reference, signal);
  const password = format.replace('{}', () => secret.reveal());
  const credentials = Buffer.from(`${formEncoded(clientId)}:${formEncoded(password)}`).toString('base64');
  return {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${credentials}`,
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
  };
}

/** As a form has it (RFC 6749, appendix B). */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
