import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type Provider from 'oidc-provider';
import type { ResourceServer } from 'oidc-provider';
import { errors } from 'oidc-provider';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** oidc-provider leaves the exchange of RFC 8693 to whoever runs it: here for every token of its own. */
export function addTokenExchange(
  provider: Provider,
  keys: readonly KeyObject[],
  describe: (resource: string) => ResourceServer,
): void {
  const parameters = ['subject_token', 'subject_token_type', 'audience', 'resource', 'scope'];
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    async (context) => {
      const { client, params } = context.oidc;
      const { subject_token: subject, resource, scope } = params as Readonly<Record<string, string>>;
      const sub = subjectOf(subject ?? '', keys);
      if (client === undefined || sub === undefined) throw new errors.InvalidGrant('no token of this issuer');
      const token = new provider.AccessToken({ accountId: sub, client, gty: TOKEN_EXCHANGE } as never);
      const resourceServer = new provider.ResourceServer(resource ?? '', describe(resource ?? ''));
      Object.assign(token, { resourceServer, scope });
      context.body = { access_token: await token.save(), expires_in: token.expiration, scope, token_type: 'Bearer' };
    },
    parameters,
  );
}

function subjectOf(token: string, keys: readonly KeyObject[]): string | undefined {
  const [head, claims = '', signature = ''] = token.split('.');
  const input = Buffer.from(`${head}.${claims}`);
  const isGood = keys.some((key) => verify('sha256', input, key, Buffer.from(signature, 'base64url')));
  if (!isGood) return undefined;
  return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string }).sub;
}
