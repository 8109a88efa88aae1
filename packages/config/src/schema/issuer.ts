import * as v from 'valibot';
import { secureUrl } from './secure-url.ts';
import { neededSecret } from './setting.ts';
import { text } from './values.ts';

/** Whoever checks a signature of these has a public key alone: with a shared one it could sign as well (RFC 8725, 3.1). */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** RFC 6749, section 3.3. */
const scope = v.pipe(v.string('text'), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is no OAuth scope'));

export function scopes(meaning: string) {
  return v.pipe(
    v.array(scope, 'a list of scopes'),
    v.minLength(1, 'must name at least one scope'),
    v.description(meaning),
  );
}

const CONSUMER_WORDS = 'must be a consumer name with a claim in braces in it, such as {sub} or team-{groups}';

/** What is common to all of them. */
const common = {
  type: v.exactOptional(
    v.pipe(
      v.picklist(['jwt', 'introspection', 'google-iap', 'aws-alb']),
      v.description(
        'How it tells who somebody is: in signed tokens (`jwt`), when it is asked about a token (`introspection`, RFC 7662), or in the signed header of Google’s Identity-Aware Proxy (`google-iap`) or of an Application Load Balancer of AWS (`aws-alb`).',
      ),
    ),
    'jwt',
  ),
  issuer: v.exactOptional(
    secureUrl(
      'Its URL, exactly as tokens have it in `iss`, a `/` at the end included. Every type but `google-iap` needs it.',
    ),
  ),
  audience: v.exactOptional(
    v.pipe(
      v.array(text(), 'a list of texts'),
      v.minLength(1, 'must name at least one audience'),
      v.description(
        'What a token has to have in `aud`: one of these. By default `auth.resource`, which says that it was issued for this host. Of `google-iap` the path of the backend service, of `aws-alb` the client id of the load balancer at the provider: there it has to be written.',
      ),
    ),
  ),
  scopes: v.exactOptional(
    scopes('What every token of it has to allow. A client whose token lacks one is told to ask for them.'),
  ),
  consumer: v.exactOptional(
    v.pipe(
      v.string('text'),
      v.regex(/^[A-Za-z0-9_-]*(?:\{[^{}]{1,128}\}[A-Za-z0-9_-]*){1,4}$/, CONSUMER_WORDS),
      v.description(
        'Whose a token is that fits no `tokens` of any consumer: the consumer of this name, in which `{claim}` is what the token says, such as `{sub}` or `team-{groups}`. The claim must have exactly one value of letters, digits, `-` and `_`, and the consumer must be in this file.',
      ),
    ),
  ),
};

const ofTokens = {
  algorithms: v.exactOptional(
    v.pipe(
      v.array(v.picklist(ALGORITHMS), 'a list of algorithms'),
      v.minLength(1, 'must name at least one algorithm'),
      v.description(
        'Signatures that are looked at; never one with a shared key, and never `none`. By default RS256, PS256, ES256 and EdDSA.',
      ),
    ),
  ),
  jwks: v.exactOptional(secureUrl('URL of its public keys. By default what its own metadata says.')),
  tokenType: v.exactOptional(
    v.pipe(
      v.picklist(['at+jwt']),
      v.description(
        'What every token says in its header that it is (RFC 9068). By default `JWT` or nothing will do as well, unless the claims are those of an ID token or a refresh token.',
      ),
    ),
  ),
};

const ofIntrospection = {
  url: v.exactOptional(secureUrl('Where it is asked about tokens: its `introspection_endpoint`.')),
  clientId: v.exactOptional(v.pipe(text(), v.description('As whom the host asks there.'))),
  clientSecret: v.exactOptional(
    v.pipe(neededSecret('[^\\0]'), v.description('The secret that belongs to `clientId`.')),
  ),
};

const ofLoadBalancer = {
  signer: v.exactOptional(
    v.pipe(
      v.string('text'),
      v.regex(
        /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]{1,32}:\d{12}:loadbalancer\/app\/[A-Za-z0-9-]{1,64}\/[0-9a-f]{16}$/,
        'must be the ARN of an Application Load Balancer',
      ),
      v.description('ARN of the load balancer: what another one signs is not looked at.'),
    ),
  ),
  keys: v.exactOptional(secureUrl('URL before the id of a public key. By default that of the region in `signer`.')),
};

/** One flat map, as a server is: which keys belong to which type is checked afterwards. */
export const issuer = v.strictObject(
  { ...common, ...ofTokens, ...ofIntrospection, ...ofLoadBalancer },
  'a map with issuer, audience, algorithms and jwks',
);

/** The keys that mean something to some types alone. */
export const KEYS_OF_TYPE = {
  jwt: ['issuer', 'scopes', ...Object.keys(ofTokens)],
  introspection: ['issuer', 'scopes', ...Object.keys(ofIntrospection)],
  'google-iap': ['jwks'],
  'aws-alb': ['issuer', ...Object.keys(ofLoadBalancer)],
} as const satisfies Readonly<Record<string, readonly string[]>>;
