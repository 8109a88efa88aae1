import type { OAuthSpec, SecretUse } from '@hostler/kernel';
import type { CheckedServer } from '../schema/config-file.ts';

type CheckedOAuth = NonNullable<CheckedServer['oauth']>;

/** Leaves out what equals the default, so that the same setting written in two ways is the same plan. */
export function toOAuthSpec(written: CheckedOAuth): OAuthSpec {
  const { grant, clientId, clientSecret, clientKey, clientKeyAlgorithm, issuer, scopes, audience } = written;
  return {
    grant,
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret && { clientSecret: toUse(clientSecret) }),
    ...(clientKey && { clientKey: toUse(clientKey), clientKeyAlgorithm }),
    ...(issuer !== undefined && { issuer }),
    ...(scopes && { scopes: [...scopes] }),
    ...(audience !== undefined && { audience }),
  };
}

function toUse({ secret, format }: NonNullable<CheckedOAuth['clientSecret']>): SecretUse {
  return { secret, ...(format !== '{}' && { format }) };
}
