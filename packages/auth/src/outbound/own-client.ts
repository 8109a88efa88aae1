import type { OAuthSpec, SecretUse } from '@hostler/kernel';
import type { SecretResolver } from '@hostler/secrets';
import type { AddClientAuthentication, OAuthClientInformationMixed } from '@modelcontextprotocol/client';
import type { Authority } from './authority.ts';

/** What the host is to an authorization server, and how it proves it. */
export interface OwnClient {
  readonly information: OAuthClientInformationMixed;
  /** Absent: with its secret, or not at all. */
  readonly addClientAuthentication?: AddClientAuthentication;
}

const LIFETIME_SECONDS = 60;

/** The one that was registered beforehand; undefined when none was. @throws SECRET_* */
export async function configuredClient(
  oauth: OAuthSpec,
  authority: Authority,
  secrets: Pick<SecretResolver, 'resolve'>,
  signal: AbortSignal,
): Promise<OwnClient | undefined> {
  const { clientId, clientSecret, clientKey, clientKeyAlgorithm = 'ES256' } = oauth;
  if (clientId === undefined) return undefined;
  const read = async ({ secret, format = '{}' }: SecretUse): Promise<string> => {
    const value = await secrets.resolve(secret, signal);
    return format.replace('{}', () => value.reveal());
  };
  if (clientKey !== undefined) {
    const pem = await read(clientKey);
    const audience = authority.issuer;
    const addClientAuthentication: AddClientAuthentication = async (_headers, parameters) => {
      const assertion = await signAssertion({ pem, algorithm: clientKeyAlgorithm, clientId, audience });
      parameters.set('client_assertion', assertion);
      parameters.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    };
    return { information: { client_id: clientId }, addClientAuthentication };
  }
  const client_secret = clientSecret && (await read(clientSecret));
  return { information: { client_id: clientId, ...(client_secret !== undefined && { client_secret }) } };
}

interface Assertion {
  readonly pem: string;
  readonly algorithm: string;
  readonly clientId: string;
  readonly audience: string;
}

/** Source: RFC 7523, section 3. */
async function signAssertion({ pem, algorithm, clientId, audience }: Assertion): Promise<string> {
  const { importPKCS8, SignJWT } = await import('jose');
  const key = await importPKCS8(pem, algorithm);
  return new SignJWT({})
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${LIFETIME_SECONDS}s`)
    .sign(key);
}
