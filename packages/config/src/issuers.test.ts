import { describe, expect, it } from 'vitest';
import { FILE, problemsOf } from '../test/support/problems-of.ts';
import { parseConfig } from './parse.ts';

const SIGNER = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/main/0123456789abcdef';

/** A file whose issuers begin in the fifth line, and whose consumer has tokens of `a`. */
function file(...issuers: string[]): string {
  return [
    'servers: {}',
    'consumers: { team: { tokens: [{ issuer: a, claims: { sub: x } }] } }',
    'auth:',
    '  issuers:',
    ...issuers.map((line) => `    ${line}`),
    '',
  ].join('\n');
}

function issuersOf(...issuers: string[]): unknown {
  return parseConfig(file(...issuers), FILE).plan.auth.issuers;
}

describe('an issuer', () => {
  it('that is asked about tokens', () => {
    const written = `a: { type: introspection, issuer: "https://id.example.com", audience: [x], url: "https://id.example.com/introspect", clientId: host, clientSecret: { secret: "env://S", format: "x{}" }, scopes: ["mcp:use"], consumer: "team-{groups}" }`;
    expect(issuersOf(written)).toEqual([
      {
        name: 'a',
        type: 'introspection',
        issuer: 'https://id.example.com',
        audience: ['x'],
        url: 'https://id.example.com/introspect',
        clientId: 'host',
        clientSecret: { secret: 'env://S', format: 'x{}' },
        scopes: ['mcp:use'],
        consumer: 'team-{groups}',
      },
    ]);
  });

  it('that is Identity-Aware Proxy', () => {
    expect(issuersOf('a: { type: google-iap, audience: [/projects/1/global/backendServices/2] }')).toEqual([
      {
        name: 'a',
        type: 'google-iap',
        issuer: 'https://cloud.google.com/iap',
        audience: ['/projects/1/global/backendServices/2'],
        algorithms: ['ES256'],
        jwks: 'https://www.gstatic.com/iap/verify/public_key-jwk',
      },
    ]);
  });

  it.each([
    ['', 'eu-west-1', 'https://public-keys.auth.elb.eu-west-1.amazonaws.com/'],
    ['-cn', 'cn-north-1', 'https://public-keys.auth.elb.cn-north-1.amazonaws.com.cn/'],
    ['-us-gov', 'us-gov-west-1', 'https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1/'],
  ])('that is a load balancer of aws%s', (partition, region, keys) => {
    const signer = SIGNER.replace('aws:', `aws${partition}:`).replace('eu-west-1', region);
    expect(issuersOf(`a: { type: aws-alb, issuer: "https://id", audience: [c], signer: "${signer}" }`)).toEqual([
      { name: 'a', type: 'aws-alb', issuer: 'https://id', audience: ['c'], signer, keys },
    ]);
  });

  it('that wants one type of token', () => {
    expect(issuersOf('a: { issuer: "https://id", audience: [c], tokenType: at+jwt }')).toEqual([
      expect.objectContaining({ tokenType: 'at+jwt', algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'] }),
    ]);
  });

  it('that names consumers leaves nobody to be noted', () => {
    const text = [
      'servers: {}',
      'consumers: { ada: {} }',
      'auth: { resource: "https://h/mcp", issuers: { a: { issuer: "https://id", consumer: "{sub}" } } }',
    ].join('\n');
    expect(parseConfig(text, FILE).notes).toEqual([]);
  });

  it('that nobody asks for a token needs no resource', () => {
    expect(parseConfig(file('a: { type: google-iap, audience: [x] }'), FILE).notes).toEqual([]);
  });
});

const NEEDS_AUDIENCE = 'does not say for whom its tokens have to be issued';
const OWN_AUDIENCE = `${NEEDS_AUDIENCE} (add audience: auth.resource is not what the proxy puts there)`;
const TEMPLATE = 'must be a consumer name with a claim in braces in it, such as {sub} or team-{groups}';

describe('an issuer is refused', () => {
  it.each<[name: string, issuers: readonly string[], ...expected: string[]]>([
    [
      'without what its type needs',
      ['a: { type: introspection, audience: [x] }', 'b: { type: google-iap }', 'c: { type: aws-alb }'],
      ...['issuer', 'url', 'clientId', 'clientSecret'].map((key) => `5:5 auth.issuers.a: missing key "${key}"`),
      `6:5 auth.issuers.b: ${OWN_AUDIENCE}`,
      '7:5 auth.issuers.c: missing key "issuer"',
      '7:5 auth.issuers.c: missing key "signer"',
      `7:5 auth.issuers.c: ${OWN_AUDIENCE}`,
    ],
    [
      'with what means something to another type',
      [
        'a: { issuer: "https://id", audience: [x], url: "https://id/i", signer: "' + SIGNER + '" }',
        'b: { type: google-iap, audience: [x], issuer: "https://id", algorithms: [ES256], scopes: [s] }',
      ],
      '5:47 auth.issuers.a.url: has no meaning for an issuer of type jwt',
      '5:68 auth.issuers.a.signer: has no meaning for an issuer of type jwt',
      '6:43 auth.issuers.b.issuer: has no meaning for an issuer of type google-iap',
      '6:65 auth.issuers.b.algorithms: has no meaning for an issuer of type google-iap',
      '6:86 auth.issuers.b.scopes: has no meaning for an issuer of type google-iap',
    ],
    [
      'when it is the second one that is asked about tokens',
      ['a', 'b'].map(
        (name) =>
          `${name}: { type: introspection, issuer: "https://${name}", audience: [x], url: "https://${name}/i", clientId: c, clientSecret: { secret: "env://S" } }`,
      ),
      '6:16 auth.issuers.b.type: "a" is asked about tokens already (opaque tokens do not say whose they are, and one must not be shown to anybody but its issuer)',
    ],
    [
      'with values that cannot be right',
      [
        'a: { issuer: "https://id", audience: [x], scopes: ["a b"], consumer: team, tokenType: JWT }',
        'b: { type: aws-alb, issuer: "https://id", audience: [x], signer: "arn:aws:iam::1:x", keys: "http://10.0.0.1/" }',
        'c: { type: ldap }',
        'd: { issuer: "https://id/d", audience: [x], scopes: [], consumer: "team {sub}" }',
      ],
      '5:56 auth.issuers.a.scopes[0]: is no OAuth scope',
      `5:74 auth.issuers.a.consumer: ${TEMPLATE}`,
      '5:91 auth.issuers.a.tokenType: expected "at+jwt", found "JWT"',
      '6:70 auth.issuers.b.signer: must be the ARN of an Application Load Balancer',
      '6:96 auth.issuers.b.keys: must be an https:// URL without user, password or fragment in it (http:// on this machine alone)',
      '7:16 auth.issuers.c.type: expected "jwt" or "introspection" or "google-iap" or "aws-alb", found "ldap"',
      '8:49 auth.issuers.d.scopes: must name at least one scope',
      `8:71 auth.issuers.d.consumer: ${TEMPLATE}`,
    ],
    [
      'with a secret in clear, or in a vault that is not there',
      [
        'a: { type: introspection, issuer: "https://a", audience: [x], url: "https://a/i", clientId: c, clientSecret: s }',
      ],
      '5:114 auth.issuers.a.clientSecret: expected a map: { secret: "env://NAME" }, found text',
    ],
    [
      'with a secret of a vault that is not there',
      [
        'a: { type: introspection, issuer: "https://a", audience: [x], url: "https://a/i", clientId: c, clientSecret: { secret: "local://s" } }',
      ],
      '5:124 auth.issuers.a.clientSecret.secret: local:// needs secrets.local: the encrypted file it is read from (add local: {} below secrets for hostler.vault beside this file)',
    ],
  ])('%s', (_, issuers, ...expected) => {
    expect(problemsOf(file(...issuers))).toEqual(expected);
  });
});
