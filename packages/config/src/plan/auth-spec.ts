import type { CheckedConfig, CheckedIssuer } from '../schema/config-file.ts';
import type { AuthSpec } from './host-plan.ts';
import type { IssuerSpec, JwtIssuerSpec } from './issuer-spec.ts';

/** Source: cloud.google.com/iap/docs/signed-headers-howto */
const IAP = {
  issuer: 'https://cloud.google.com/iap',
  keys: 'https://www.gstatic.com/iap/verify/public_key-jwk',
} as const;

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

export function toAuthSpec({ auth: { issuers, resource } }: CheckedConfig): AuthSpec {
  return {
    issuers: Object.entries(issuers).map(([name, issuer]) => toIssuerSpec(name, issuer, resource)),
    ...(resource !== undefined && { resource }),
  };
}

/** What it cannot do without is there: that is refused before. */
function toIssuerSpec(name: string, written: CheckedIssuer, resource: string | undefined): IssuerSpec {
  const { scopes, consumer, issuer = '' } = written;
  const audience = written.audience ?? (resource === undefined ? [] : [resource]);
  const common = {
    name,
    issuer,
    audience: [...audience],
    ...(scopes && { scopes: [...scopes] }),
    ...(consumer !== undefined && { consumer }),
  };
  return { ...common, ...partsOf(written) };
}

type Parts<Spec> = Spec extends IssuerSpec ? Omit<Spec, 'name' | 'issuer' | 'audience' | 'scopes' | 'consumer'> : never;

function partsOf(written: CheckedIssuer): Parts<IssuerSpec> & { readonly issuer?: string } {
  switch (written.type) {
    case 'jwt':
      return signedParts(written);
    case 'google-iap':
      return { type: 'google-iap', issuer: IAP.issuer, algorithms: ['ES256'], jwks: written.jwks ?? IAP.keys };
    case 'aws-alb': {
      const { signer = '', keys = keysOfRegion(signer) } = written;
      return { type: 'aws-alb', signer, keys };
    }
    case 'introspection': {
      const { url = '', clientId = '', clientSecret = { secret: '' } } = written;
      return { type: 'introspection', url, clientId, clientSecret: { ...clientSecret } };
    }
  }
}

function signedParts({ algorithms = [...ALGORITHMS], jwks, tokenType }: CheckedIssuer): Parts<JwtIssuerSpec> {
  return { algorithms: [...algorithms], ...(jwks !== undefined && { jwks }), ...(tokenType && { tokenType }) };
}

/** Source: docs.aws.amazon.com, "Authenticate users using an Application Load Balancer". */
function keysOfRegion(signer: string): string {
  const [, partition = '', , region = ''] = signer.split(':');
  if (partition === 'aws-us-gov') return `https://s3-${region}.amazonaws.com/aws-elb-public-keys-prod-${region}/`;
  return `https://public-keys.auth.elb.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/`;
}
