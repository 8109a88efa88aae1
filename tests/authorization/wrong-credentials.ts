import type { Headers } from './guarded-host.ts';
import { bearer } from './guarded-host.ts';
import { AUDIENCE, encode, signedWith } from './issuer.ts';
import type { Issuer, TokenParts } from './issuer.ts';

/** What somebody sends who must not get in. */
export interface Wrong {
  /** The number of the case, and what it is. */
  readonly name: string;
  readonly headers: Headers;
  readonly query?: string;
  readonly code: 'AUTH_MISSING' | 'AUTH_INVALID' | 'AUTH_EXPIRED' | 'AUTH_FORBIDDEN';
}

export interface Circumstances {
  /** Good keys of two consumers. */
  readonly key: string;
  readonly otherKey: string;
  readonly expiredKey: string;
  readonly revokedKey: string;
  readonly unknownKey: string;
  readonly issuer: Issuer;
  /** Believed as well, by another name. */
  readonly second: Issuer;
  /** Where nobody must ever come. */
  readonly trap: string;
}

export function wrongCredentials(around: Circumstances): readonly Wrong[] {
  return [
    ...nothing(around),
    ...expired(around),
    ...forged(around),
    ...unfit(around),
    ...misshapen(around),
    ...keys(around),
  ];
}

const invalid = (name: string, headers: Headers, query?: string): Wrong => ({
  name,
  headers,
  code: 'AUTH_INVALID',
  ...(query !== undefined && { query }),
});

function nothing({ key, otherKey }: Circumstances): readonly Wrong[] {
  const missing = (what: string, headers: Headers, query?: string): Wrong => ({
    ...invalid(what, headers, query),
    code: 'AUTH_MISSING',
  });
  return [
    missing('A-1 nothing', {}),
    missing('A-1 a cookie', { cookie: `key=${key}; token=${key}` }),
    missing('A-17 a name in headers', {
      'x-consumer': 'full',
      'x-user': 'full',
      'x-forwarded-user': 'full',
      'x-remote-user': 'full',
      'x-client-id': 'full',
      'mcp-consumer': 'full',
    }),
    missing('A-17 a name in the query', {}, '?consumer=full&as=full&user=full&client_id=full'),
    missing('A-17 headers that proxies sign, where none is expected', {
      'x-goog-iap-jwt-assertion': 'a.b.c',
      'x-amzn-oidc-data': 'a.b.c',
      'x-amzn-oidc-identity': 'full',
    }),
    missing('A-20 a certificate in a header, of nobody who is trusted', {
      'client-cert': ':MIIB:',
      'x-forwarded-client-cert': 'Hash=00;Subject="CN=full";URI=spiffe://corp/full',
      'x-ssl-client-verify': 'SUCCESS',
      'x-ssl-client-s-dn': 'CN=full',
    }),
    missing('A-20 an address of this machine in headers', {
      'x-forwarded-for': '127.0.0.1',
      forwarded: 'for=127.0.0.1;by=127.0.0.1',
      'x-real-ip': '127.0.0.1',
      'x-client-ip': '127.0.0.1',
      'true-client-ip': '127.0.0.1',
      'x-forwarded-host': 'localhost',
      'x-original-url': '/livez',
      'x-rewrite-url': '/livez',
    }),
    invalid('A-1 a key in the query', {}, `?access_token=${key}`),
    invalid('A-1 a key in the query beside a good one', bearer(key), `?api_key=${otherKey}`),
    invalid('A-1 two keys', { ...bearer(key), 'x-api-key': otherKey }),
    invalid('A-1 the same key twice', { ...bearer(key), 'x-api-key': key }),
    invalid('A-1 a key as a password', { authorization: `Basic ${Buffer.from(`full:${key}`).toString('base64')}` }),
    invalid('A-1 an empty word', { authorization: 'Bearer ' }),
  ];
}

function expired({ issuer, expiredKey }: Circumstances): readonly Wrong[] {
  const past = Math.floor(Date.now() / 1_000) - 3_600;
  return [
    { name: 'A-2 a token', headers: bearer(issuer.token({ claims: { exp: past } })), code: 'AUTH_EXPIRED' },
    { name: 'A-2 a key', headers: bearer(expiredKey), code: 'AUTH_EXPIRED' },
    { name: 'A-2 a key in its own header', headers: { 'x-api-key': expiredKey }, code: 'AUTH_EXPIRED' },
    invalid('A-3 a token for later', bearer(issuer.token({ claims: { nbf: past + 7_200 } }))),
  ];
}

function forged({ issuer, second, trap }: Circumstances): readonly Wrong[] {
  const token = (name: string, parts: TokenParts): Wrong => invalid(name, bearer(issuer.token(parts)));
  const empty = (): Buffer => Buffer.alloc(0);
  const spki = issuer.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const der = issuer.publicKey.export({ type: 'spki', format: 'der' });
  const { n = '' } = issuer.publicKey.export({ format: 'jwk' });
  const jwk = issuer.publicKey.export({ format: 'jwk' });
  const kids = ['../../../etc/passwd', '/dev/null', "' UNION SELECT 'secret'--", '%2e%2e%2fone', 'one\u0000', trap, ''];
  return [
    ...['none', 'None', 'NONE', 'nOnE', ''].map((alg) =>
      token(`A-4 the algorithm ${JSON.stringify(alg)}`, { header: { alg }, signature: empty }),
    ),
    ...Object.entries({ spki, der, n }).map(([form, secret]) =>
      token(`A-5 the public key as a shared one, ${form}`, { header: { alg: 'HS256' }, signature: signedWith(secret) }),
    ),
    ...kids.map((kid) => token(`A-6 the key ${JSON.stringify(kid.replace(trap, 'of a URL'))}`, { header: { kid } })),
    ...kids.map((kid) =>
      token(`A-6 the key ${JSON.stringify(kid.replace(trap, 'of a URL'))}, unsigned`, {
        header: { kid },
        signature: empty,
      }),
    ),
    token('A-7 the key of another issuer', { header: { kid: 'two' } }),
    invalid('A-7 signed by another issuer', bearer(second.token({ claims: { iss: issuer.url } }))),
    invalid(
      'A-7 signed by another issuer under our key',
      bearer(second.token({ header: { kid: 'one' }, claims: { iss: issuer.url } })),
    ),
    ...Object.entries({ jku: trap, x5u: trap, jwk, x5c: ['MIIB'] }).flatMap(([member, value]) => [
      token(`A-8 ${member} in the header`, { header: { [member]: value, kid: 'unknown' } }),
      invalid(
        `A-8 ${member} in the header, signed by it`,
        bearer(second.token({ header: { [member]: value }, claims: { iss: issuer.url } })),
      ),
    ]),
  ];
}

function unfit({ issuer }: Circumstances): readonly Wrong[] {
  const token = (name: string, claims: object, header: object = {}): Wrong =>
    invalid(name, bearer(issuer.token({ claims, header })));
  const audiences: readonly unknown[] = [
    'https://other.example.com/mcp',
    ['https://a.example.com', 'https://b.example.com'],
    [],
    '',
    undefined,
    'https://mcp.example.com',
    `${AUDIENCE}/`,
    `${AUDIENCE}/x`,
    AUDIENCE.toUpperCase(),
  ];
  return [
    ...audiences.map((aud) => token(`A-9 the audience ${JSON.stringify(aud) ?? 'nobody'}`, { aud })),
    token('A-10 another issuer', { iss: 'https://issuer.example.com' }),
    token('A-10 the issuer and a slash', { iss: `${issuer.url}/` }),
    token('A-10 no issuer', { iss: undefined }),
    token('A-11 an ID token, by its nonce', { nonce: 'n' }, { typ: 'JWT' }),
    token('A-11 an ID token, by its at_hash', { at_hash: 'h' }, { typ: 'JWT' }),
    token('A-11 an ID token, by what it says', { token_use: 'id' }),
    token('A-11 a refresh token', { typ: 'Refresh' }),
    token('A-11 a refresh token, by its use', { token_use: 'refresh_token' }),
    token('A-11 a logout token', {}, { typ: 'logout+jwt' }),
    {
      name: 'A-18 a token of no consumer',
      headers: bearer(issuer.token({ claims: { sub: 'eve' } })),
      code: 'AUTH_FORBIDDEN',
    },
  ];
}

function misshapen({ issuer }: Circumstances): readonly Wrong[] {
  const good = issuer.token();
  const [head = '', claims = '', signature = ''] = good.split('.');
  const wrong = (name: string, text: string): Wrong => invalid(name, bearer(text));
  return [
    wrong('A-12 a critical extension', issuer.token({ header: { crit: ['x'], x: 1 } })),
    wrong('A-12 unencoded claims', issuer.token({ header: { crit: ['b64'], b64: false } })),
    wrong('A-12 encrypted', `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: 'one' })}.AAAA.BBBB.CCCC.DDDD`),
    wrong('A-12 five parts', `${good}.AAAA.BBBB`),
    wrong('A-12 two parts', `${head}.${claims}`),
    wrong('A-12 more than is looked at', issuer.token({ claims: { filler: 'x'.repeat(9_000) } })),
    wrong('A-12 no JSON', `${Buffer.from('{').toString('base64url')}.${claims}.${signature}`),
    wrong(
      'A-12 other claims under the signature',
      `${head}.${encode({ sub: 'ann', iss: issuer.url, aud: AUDIENCE })}.${signature}`,
    ),
    wrong('A-12 another signature', `${head}.${claims}.${signature.split('').toReversed().join('')}`),
  ];
}

function keys({ key, unknownKey, revokedKey }: Circumstances): readonly Wrong[] {
  const [prefix, id = '', secret = '', checksum = ''] = key.split('_');
  const written: Readonly<Record<string, string>> = {
    'A-13 unknown': unknownKey,
    'A-13 one character less': key.slice(0, -1),
    'A-13 one character more': `${key}0`,
    'A-13 half of it': key.slice(0, key.length / 2),
    'A-13 in capitals': key.toUpperCase(),
    'A-13 in the other case': swapCase(key),
    'A-13 the id alone': `${prefix}_${id}`,
    'A-13 another secret': `${prefix}_${id}_${secret.split('').toReversed().join('')}_${checksum}`,
    'A-13 another checksum': `${prefix}_${id}_${secret}_${checksum.split('').toReversed().join('')}x`,
    'A-13 a prefix before it': `x${key}`,
    'A-14 revoked': revokedKey,
  };
  return Object.entries(written).flatMap(([name, text]) => [
    invalid(name, bearer(text)),
    invalid(`${name}, in its own header`, { 'x-api-key': text }),
  ]);
}

function swapCase(text: string): string {
  return text.replaceAll(/[A-Za-z]/g, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}
