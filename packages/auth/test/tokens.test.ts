import { createHmac, createPublicKey, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { CompactEncrypt, exportSPKI, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signingKey, StandInIssuer } from './stand-in-issuer.ts';
import type { TokenParts } from './stand-in-issuer.ts';
import { consumer, createWorld, issuerSpec, signal } from './table.ts';
import type { World } from './table.ts';
import type { ConsumerSpec } from '../src/consumer-spec.ts';
import type { JwtIssuerSpec } from '../src/issuer-spec.ts';

const everybody = [consumer('team', { tokens: [{ issuer: 'main', claims: {} }] })];

let main: StandInIssuer;
let other: StandInIssuer;

beforeAll(async () => {
  main = await StandInIssuer.start(await signingKey('main-1'));
  other = await StandInIssuer.start(await signingKey('other-1'));
});

afterAll(async () => {
  await main[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

function world(consumers: readonly ConsumerSpec[] = everybody, rest: Partial<JwtIssuerSpec> = {}): World {
  return createWorld(consumers, [issuerSpec(main, rest), issuerSpec(other, { name: 'other' })]);
}

function encoded(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A token whose parts are those of a good one but for what is given, with its signature. */
async function bent(header: object, claims: object = {}): Promise<string> {
  const [, , signature] = (await main.token()).split('.');
  return [
    encoded({ alg: 'RS256', kid: 'main-1', ...header }),
    encoded({ ...main.defaultClaims(), ...claims }),
    signature,
  ].join('.');
}

describe('a token', () => {
  it('proves the consumer that its claims fit', async () => {
    const { bearer } = world();
    expect(await bearer(await main.token({ claims: { jti: 't-1', scope: 'a b', scp: ['b', 'c'] } }))).toEqual({
      name: 'team',
      identity: {
        method: 'jwt',
        issuer: main.url,
        subject: 'ada',
        credential: 't-1',
        claims: { ...main.defaultClaims(), jti: 't-1', scope: 'a b', scp: ['b', 'c'] },
        scopes: ['a', 'b', 'c'],
        expiresAt: (main.now + 630) * 1000,
      },
    });
  });

  it.each<[string, TokenParts]>([
    ['one of several audiences', { claims: { aud: ['https://other.example', 'https://host.example/mcp'] } }],
    ['the type of RFC 9068', { header: { typ: 'at+jwt' } }],
    ['the same as a media type', { header: { typ: 'application/AT+JWT' } }],
    ['the type JWT', { header: { typ: 'JWT' } }],
    ['the type of access tokens and a nonce', { header: { typ: 'at+jwt' }, claims: { nonce: 'n' } }],
    ['what Keycloak puts into access tokens', { claims: { typ: 'Bearer' } }],
    ['what Cognito puts into access tokens', { claims: { token_use: 'access' } }],
    ['what Hydra puts into access tokens', { claims: { token_use: 'access_token' } }],
    ['the nonce that older releases of Keycloak put into access tokens', { claims: { typ: 'Bearer', nonce: 'n' } }],
    ['no key named', { header: { kid: undefined } }],
    ['a clock 30 seconds ahead', { claims: { nbf: 1_800_000_030 } }],
    ['a clock 30 seconds behind', { claims: { exp: 1_799_999_971 } }],
  ])('is accepted with %s', async (_, parts) => {
    expect(await world().bearer(await main.token(parts))).toMatchObject({ name: 'team' });
  });

  it.each<[string, TokenParts, string]>([
    ['expired', { claims: { exp: 1_799_999_970 } }, 'AUTH_EXPIRED'],
    ['not yet good', { claims: { nbf: 1_800_000_031 } }, 'AUTH_INVALID'],
    ['for another audience', { claims: { aud: 'https://other.example' } }, 'AUTH_INVALID'],
    ['for others', { claims: { aud: ['https://a.example', 'https://b.example'] } }, 'AUTH_INVALID'],
    ['for what ours begins with', { claims: { aud: 'https://host.example' } }, 'AUTH_INVALID'],
    ['for what begins with ours', { claims: { aud: 'https://host.example/mcp/x' } }, 'AUTH_INVALID'],
    ['for ours with a slash', { claims: { aud: 'https://host.example/mcp/' } }, 'AUTH_INVALID'],
    ['for nobody', { claims: { aud: [] } }, 'AUTH_INVALID'],
    ['without an audience', { claims: { aud: undefined } }, 'AUTH_INVALID'],
    ['without an expiry', { claims: { exp: undefined } }, 'AUTH_INVALID'],
    ['with text for an expiry', { claims: { exp: '1900000000' } }, 'AUTH_INVALID'],
    ['without a subject', { claims: { sub: undefined } }, 'AUTH_INVALID'],
    ['with an empty subject', { claims: { sub: '' } }, 'AUTH_INVALID'],
    ['with a subject that is no text', { claims: { sub: 7 } }, 'AUTH_INVALID'],
    ['without an issuer', { claims: { iss: undefined } }, 'AUTH_INVALID'],
    ['of an unknown issuer', { claims: { iss: 'https://issuer.example' } }, 'AUTH_INVALID'],
    ['an ID token, by its nonce', { claims: { nonce: 'n' } }, 'AUTH_INVALID'],
    ['an ID token, by its at_hash', { header: { typ: 'JWT' }, claims: { at_hash: 'h' } }, 'AUTH_INVALID'],
    ['an ID token of Cognito', { claims: { token_use: 'id' } }, 'AUTH_INVALID'],
    ['an ID token of Keycloak', { claims: { typ: 'ID' } }, 'AUTH_INVALID'],
    ['a refresh token of Keycloak', { claims: { typ: 'Refresh' } }, 'AUTH_INVALID'],
    ['an offline token of Keycloak', { claims: { typ: 'Offline' } }, 'AUTH_INVALID'],
    ['a refresh token of Hydra', { claims: { token_use: 'refresh_token' } }, 'AUTH_INVALID'],
    [
      'an ID token with the type of access tokens',
      { header: { typ: 'at+jwt' }, claims: { token_use: 'id' } },
      'AUTH_INVALID',
    ],
    ['a logout token', { header: { typ: 'logout+jwt' } }, 'AUTH_INVALID'],
    ['bound to a key', { claims: { cnf: { jkt: 'x' } } }, 'AUTH_INVALID'],
  ])('is refused: %s', async (_, parts, code) => {
    expect(await world().bearer(await main.token(parts))).toBe(code);
  });

  it.each<[string | undefined, unknown]>([
    ['at+jwt', 'team'],
    ['application/at+jwt', 'team'],
    ['JWT', 'AUTH_INVALID'],
    [undefined, 'AUTH_INVALID'],
    ['id+jwt', 'AUTH_INVALID'],
  ])('of an issuer with the token type at+jwt says so itself: %s', async (typ, expected) => {
    const token = await main.token({ header: { typ } });
    const found = await world(everybody, { tokenType: 'at+jwt' }).bearer(token);
    expect(typeof found === 'string' ? found : found.name).toBe(expected);
  });

  it('is refused with a slash more in its issuer', async () => {
    expect(await world().bearer(await main.token({ claims: { iss: `${main.url}/` } }))).toBe('AUTH_INVALID');
  });

  it('goes into Authorization only', async () => {
    expect(await world().ask({ apiKey: await main.token() })).toBe('AUTH_INVALID');
  });

  it('of no consumer gets nothing', async () => {
    const token = await main.token();
    expect(await world([]).bearer(token)).toBe('AUTH_FORBIDDEN');
    expect(await world([consumer('keys only')]).bearer(token)).toBe('AUTH_FORBIDDEN');
    const foreign = [consumer('team', { tokens: [{ issuer: 'other', claims: {} }] })];
    expect(await world(foreign).bearer(token)).toBe('AUTH_FORBIDDEN');
  });

  it('is of the first consumer of which every claim fits', async () => {
    const { bearer } = world([
      consumer('admins', { tokens: [{ issuer: 'main', claims: { sub: 'a*', 'realm_access.roles': 'admin' } }] }),
      consumer('robots', {
        tokens: [
          { issuer: 'other', claims: {} },
          { issuer: 'main', claims: { azp: 'robot-?' } },
        ],
      }),
      consumer('team', { tokens: [{ issuer: 'main', claims: { sub: '*' } }] }),
    ]);
    const admin = { realm_access: { roles: ['dev', 'admin'] }, azp: 'robot-7' };
    const name = async (claims: object): Promise<unknown> => await bearer(await main.token({ claims: { ...claims } }));
    expect(await name(admin)).toMatchObject({ name: 'admins' });
    expect(await name({ ...admin, sub: 'bob' })).toMatchObject({ name: 'robots' });
    expect(await name({ azp: 'robot-77' })).toMatchObject({ name: 'team' });
    expect(await name({ realm_access: { roles: ['administrator'] } })).toMatchObject({ name: 'team' });
  });
});

describe('a forged token', () => {
  /** What each of them comes to; the log of none holds anything of it. */
  async function answers(...tokens: readonly string[]): Promise<readonly unknown[]> {
    const { bearer, log } = world();
    const found = await Promise.all(tokens.map(bearer));
    const logged = inspect(log.lines, { depth: 9 });
    return found.filter((_, index) => !logged.includes(tokens[index]?.slice(-40) || 'nothing'));
  }

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('without a signature (%j) is refused', async (alg) => {
    const claims = encoded(main.defaultClaims());
    const unsigned = `${encoded({ alg, kid: 'main-1' })}.${claims}.`;
    expect(await answers(unsigned, unsigned + encoded('x'))).toEqual(['AUTH_INVALID', 'AUTH_INVALID']);
  });

  it.each(['spki', 'jwk', 'modulus'])('with the public key (%s) as a shared one is refused', async (form) => {
    const jwk = main.keys[0]?.published ?? {};
    const spki = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const secret = { spki, jwk: JSON.stringify(jwk), modulus: Buffer.from(jwk.n ?? '', 'base64url') }[form] ?? '';
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const input = `${encoded({ alg, kid: 'main-1' })}.${encoded(main.defaultClaims())}`;
      const signature = createHmac(alg.replace('HS', 'sha'), secret).update(input).digest('base64url');
      expect(await answers(`${input}.${signature}`)).toEqual(['AUTH_INVALID']);
    }
  });

  it.each([
    '../../../dev/null',
    "x' UNION SELECT 'secret'--",
    'main-1\0',
    'https://evil.example/keys',
    '',
    '__proto__',
    'other-1',
  ])('with the key id %j is refused', async (kid) => {
    expect(await answers(await main.token({ header: { kid } }))).toEqual(['AUTH_INVALID']);
  });

  it('with a key id that is no text is refused', async () => {
    const tokens = await Promise.all([bent({ kid: 7 }), bent({ kid: { $ne: null } })]);
    expect(await answers(...tokens)).toEqual(['AUTH_INVALID', 'AUTH_INVALID']);
  });

  it('by another issuer, with its key or its key id, is refused', async () => {
    const key = other.keys[0];
    if (key === undefined) throw new Error('no key');
    const headers = [{}, { kid: 'main-1' }, { kid: undefined }];
    const tokens = await Promise.all(headers.map(async (header) => await main.token({ key, header })));
    expect(await answers(...tokens)).toEqual(headers.map(() => 'AUTH_INVALID'));
  });

  it('that names keys itself is refused, and nothing is fetched from there', async () => {
    const own = await signingKey('main-1');
    const { bearer, fetched } = world();
    const address = `${other.url}/keys`;
    const certificate = { x5u: address, x5c: ['MIIB'], x5t: 'x' };
    for (const header of [{ jku: address }, { jwk: own.published }, certificate, { jku: address, kid: 'other-1' }]) {
      expect(await bearer(await main.token({ key: own, header }))).toBe('AUTH_INVALID');
    }
    expect(fetched.filter((each) => each.startsWith(other.url))).toEqual([]);
  });

  it('with a critical extension is refused', async () => {
    const headers = [
      { crit: ['exp'], exp: 1 },
      { crit: ['b64'], b64: false },
      { b64: false },
      { crit: [] },
      { crit: ['https://x.example/y'], 'https://x.example/y': true },
    ];
    const tokens = await Promise.all(headers.map(async (header) => await bent(header)));
    expect(await answers(...tokens)).toEqual(headers.map(() => 'AUTH_INVALID'));
  });

  it('that is encrypted is refused', async () => {
    const key = await importJWK({ ...main.keys[0]?.published, alg: 'RSA-OAEP-256' }, 'RSA-OAEP-256');
    const token = await new CompactEncrypt(Buffer.from(await main.token()))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'main-1', cty: 'JWT' })
      .encrypt(key);
    expect(token.split('.')).toHaveLength(5);
    expect(await answers(token)).toEqual(['AUTH_INVALID']);
  });

  it('with other parts is refused', async () => {
    const [header, claims, signature] = (await main.token()).split('.');
    const tokens = [
      `${header}.${claims}`,
      `${header}.${claims}.`,
      `.${claims}.${signature}`,
      `${header}..${signature}`,
      `${header}.${claims}.${signature}.`,
      `${header}.${claims}.${signature}.x.y`,
      `${header}.${encoded({ ...main.defaultClaims(), sub: 'root' })}.${signature}`,
      `${header}.${claims}.${randomBytes(256).toString('base64url')}`,
      `${header}.${claims}.${signature?.slice(0, -4)}`,
      `${header}.${encoded('null')}.${signature}`,
      `${header}.${encoded('[]')}.${signature}`,
      `${header}.%%%.${signature}`,
      '...',
      '.',
    ];
    expect(await answers(...tokens)).toEqual(tokens.map(() => 'AUTH_INVALID'));
  });

  it('of 64 KiB is refused before anything is done with it', async () => {
    const { bearer, fetched } = world();
    expect(await bearer(await main.token({ claims: { filler: 'x'.repeat(48 * 1024) } }))).toBe('AUTH_INVALID');
    expect(fetched).toEqual([]);
  });

  it('by an algorithm that is not allowed is refused, and no key is read for it', async () => {
    const { bearer, fetched } = world(everybody, { algorithms: ['ES256'] });
    expect(await bearer(await main.token())).toBe('AUTH_INVALID');
    expect(fetched).toEqual([]);
  });

  it('does not make the caller wiser', async () => {
    const { table, log } = world();
    const token = await bent({}, { sub: 'root' });
    const failure = await Promise.resolve(table.identify({ authorization: `Bearer ${token}` }, signal)).catch(
      (error) => error,
    );
    expect(failure).toMatchObject({
      code: 'AUTH_INVALID',
      message: 'The key or token is not valid here.',
      details: {},
    });
    expect(inspect(failure, { depth: 9 })).not.toContain('root');
    expect(log.lines).toEqual([
      { level: 'debug', fields: { reason: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' }, message: 'A token was refused' },
    ]);
  });
});

describe('every algorithm', () => {
  it.each(['RS384', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    '%s is verified with a key of its own',
    async (algorithm) => {
      const key = await signingKey('k', algorithm === 'EdDSA' ? 'Ed25519' : algorithm);
      await using issuer = await StandInIssuer.start(key);
      const name = key.algorithm;
      const { bearer } = createWorld(everybody, [issuerSpec(issuer, { algorithms: [name] })]);
      expect(await bearer(await issuer.token())).toMatchObject({ name: 'team' });
      expect(await exportSPKI((await importJWK(key.published, name)) as never)).toContain('PUBLIC KEY');
    },
  );

  it.each([[['HS256']], [['none']], [['RS256', 'HS512']], [['A128KW']], [[]]])(
    '%j is no list of them',
    (algorithms) => {
      expect(() => world(everybody, { algorithms })).toThrow('The issuer main cannot be used');
    },
  );
});

describe('an issuer', () => {
  it.each([
    ['http://issuer.example', undefined],
    ['issuer.example', undefined],
    ['https://name:word@issuer.example', undefined],
    ['https://issuer.example', 'http://issuer.example/keys'],
    ['https://issuer.example', 'file:///etc/passwd'],
  ])('%s with keys at %s is refused', (issuer, jwks) => {
    expect(() => world(everybody, { issuer, ...(jwks === undefined ? {} : { jwks }) })).toThrow('The issuer main');
  });

  it('without an audience is refused', () => {
    expect(() => world(everybody, { audience: [] })).toThrow('it needs an audience');
  });
});

describe('a token that was verified', () => {
  it('is remembered for five minutes: then its signature is verified again', async () => {
    const { table, bearer, wall } = world();
    const token = await main.token();
    const found = await bearer(token);
    expect(table.identify({ authorization: `Bearer ${token}` }, signal)).toBe(found);
    wall.now += 5 * 60_000;
    expect(table.identify({ authorization: `Bearer ${token}` }, signal)).toBeInstanceOf(Promise);
    expect(await bearer(token)).toMatchObject({ name: 'team' });
    wall.now = (main.now + 630) * 1000;
    expect(await bearer(token)).toBe('AUTH_EXPIRED');
  });

  it('is good until it expires, in every table that would accept it', async () => {
    const { table, bearer, wall } = world();
    const found = await bearer(await main.token());
    if (typeof found === 'string') throw new Error(found);
    expect(table.isGood(found)).toBe(true);
    const good = (consumers?: readonly ConsumerSpec[], rest?: Partial<JwtIssuerSpec>): boolean =>
      world(consumers, rest).table.isGood(found);
    expect(good()).toBe(true);
    expect(good([])).toBe(false);
    expect(good([consumer('team', { tokens: [{ issuer: 'main', claims: { sub: 'bob' } }] })])).toBe(false);
    expect(good([consumer('first', { tokens: [{ issuer: 'main', claims: {} }] }), ...everybody])).toBe(false);
    expect(good(everybody, { audience: ['https://moved.example'] })).toBe(false);
    expect(good(everybody, { algorithms: ['ES256'] })).toBe(false);
    expect(good(everybody, { tokenType: 'at+jwt' })).toBe(false);
    expect(good(everybody, { scopes: ['more'] })).toBe(false);
    expect(good(everybody, { issuer: 'https://issuer.example' })).toBe(false);
    wall.now = (main.now + 630) * 1000 - 1;
    expect(table.isGood(found)).toBe(true);
    wall.now += 1;
    expect(table.isGood(found)).toBe(false);
  });
});
