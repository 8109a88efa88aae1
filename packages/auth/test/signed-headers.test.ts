import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';
import type { Consumer } from '@hostler/kernel';
import { settle } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signingKey, StandInIssuer } from './stand-in-issuer.ts';
import type { TokenParts } from './stand-in-issuer.ts';
import { consumer, createWorld, issuerSpec } from './table.ts';
import type { World } from './table.ts';
import type { ConsumerSpec } from '../src/consumer-spec.ts';
import type { JwtIssuerSpec, LoadBalancerSpec } from '../src/issuer-spec.ts';

const NOW = 1_800_000_000;
const IAP = 'x-goog-iap-jwt-assertion';
const ALB = 'x-amzn-oidc-data';
const everybody = [consumer('team', { tokens: [{ issuer: 'main', claims: { sub: 'ada' } }] })];
const team = expect.objectContaining({ name: 'team' }) as unknown;

type Ask = (header: string, text: string) => Promise<Consumer | string>;

function signedBy({ ask }: World): Ask {
  return async (header, text) => await ask({ signed: { [header]: text } });
}

describe('the header of Identity-Aware Proxy', () => {
  const BACKEND = '/projects/1/global/backendServices/2';
  let keys: StandInIssuer;

  beforeAll(async () => {
    keys = await StandInIssuer.start(await signingKey('one', 'ES256'), await signingKey('rsa', 'RS256'));
  });

  afterAll(async () => {
    await keys[Symbol.asyncDispose]();
  });

  function spec(rest: Partial<JwtIssuerSpec> = {}): JwtIssuerSpec {
    const issuer = 'https://cloud.google.com/iap';
    const own = { issuer, audience: [BACKEND], algorithms: ['ES256'], jwks: `${keys.url}/keys` };
    return { ...issuerSpec(keys, own), type: 'google-iap', ...rest };
  }

  async function assertion({ claims = {}, ...rest }: TokenParts = {}): Promise<string> {
    return await keys.token({ claims: { iss: 'https://cloud.google.com/iap', aud: BACKEND, ...claims }, ...rest });
  }

  it('proves the consumer that its claims fit', async () => {
    const world = createWorld(everybody, [spec()]);
    expect(world.table.signedHeaders).toEqual([IAP]);
    const found = await signedBy(world)(IAP, await assertion({ claims: { email: 'ada@example.com' } }));
    expect(found).toMatchObject({
      name: 'team',
      identity: { method: 'google-iap', issuer: 'https://cloud.google.com/iap', subject: 'ada' },
    });
    expect(typeof found === 'object' && world.table.isGood(found)).toBe(true);
    const goodFor = (issuer: JwtIssuerSpec): boolean =>
      typeof found === 'object' && createWorld(everybody, [issuer]).table.isGood(found);
    expect(goodFor(spec())).toBe(true);
    expect(goodFor(spec({ audience: ['x'] }))).toBe(false);
    const { type: _, ...bearers } = spec();
    expect(goodFor(bearers)).toBe(false);
  });

  it.each<[string, () => TokenParts, string]>([
    ['for another service', () => ({ claims: { aud: '/projects/1/global/backendServices/3' } }), 'AUTH_INVALID'],
    ['of another issuer', () => ({ claims: { iss: 'https://accounts.google.com' } }), 'AUTH_INVALID'],
    ['expired', () => ({ claims: { exp: NOW - 30 } }), 'AUTH_EXPIRED'],
    ['from the future', () => ({ claims: { iat: NOW + 31 } }), 'AUTH_INVALID'],
    ['without its time', () => ({ claims: { iat: undefined } }), 'AUTH_INVALID'],
    ['by another algorithm', () => ({ key: keys.keys[1]! }), 'AUTH_INVALID'],
    ['of somebody else', () => ({ claims: { sub: 'eve' } }), 'AUTH_FORBIDDEN'],
  ])('is refused: %s', async (_, parts, code) => {
    expect(await signedBy(createWorld(everybody, [spec()]))(IAP, await assertion(parts()))).toBe(code);
  });

  it('is no bearer token, and a bearer token is no such header', async () => {
    const world = createWorld(everybody, [spec(), issuerSpec(keys, { algorithms: ['ES256'] })]);
    const text = await assertion();
    expect(await signedBy(world)(IAP, text)).toEqual(team);
    expect(await world.bearer(text)).toBe('AUTH_INVALID');
    const token = await keys.token();
    expect(await world.bearer(token)).toEqual(team);
    expect(await signedBy(world)(IAP, token)).toBe('AUTH_INVALID');
  });

  it('is the only credential of a request', async () => {
    const { ask } = createWorld(everybody, [spec()]);
    const signed = { [IAP]: await assertion() };
    expect(await ask({ signed, authorization: `Bearer ${signed[IAP]}` })).toBe('AUTH_INVALID');
    expect(await ask({ signed, apiKey: 'x' })).toBe('AUTH_INVALID');
    expect(await ask({ signed: { ...signed, [ALB]: 'x' } })).toBe('AUTH_INVALID');
    expect(await ask({ signed: { [IAP]: `${signed[IAP]}, ${signed[IAP]}` } })).toBe('AUTH_INVALID');
    expect(await ask({ signed: { [IAP]: '' } })).toBe('AUTH_INVALID');
    expect(await ask({ signed: { 'x-other': signed[IAP] ?? '' } })).toBe('AUTH_INVALID');
  });

  it('is not looked at where nobody has said so', async () => {
    const world = createWorld(everybody, [issuerSpec(keys)]);
    expect(world.table.signedHeaders).toEqual([]);
    expect(await signedBy(world)(IAP, await assertion())).toBe('AUTH_INVALID');
  });

  it('has one algorithm', () => {
    expect(() => createWorld(everybody, [spec({ algorithms: ['ES256', 'RS256'] })])).toThrow('ES256 alone');
  });
});

/** Keys of load balancers on loopback: one PEM for each id. */
class KeyStore implements AsyncDisposable {
  readonly #server = createServer({ keepAliveTimeout: 0 }, (request, response) =>
    this.#answer(request.url ?? '', response),
  );
  readonly asked: string[] = [];
  readonly pems = new Map<string, string>();
  bent: ((response: ServerResponse) => void) | undefined;

  static async start(): Promise<KeyStore> {
    const store = new KeyStore();
    const { promise, resolve } = Promise.withResolvers<void>();
    store.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return store;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  #answer(path: string, response: ServerResponse): void {
    this.asked.push(path.replace('/keys/', ''));
    if (this.bent !== undefined) return this.bent(response);
    const pem = this.pems.get(path.replace('/keys/', ''));
    response.writeHead(pem === undefined ? 403 : 200).end(pem ?? '<Error/>');
  }
}

describe('the header of an Application Load Balancer', () => {
  const ISSUER = 'https://id.example.com';
  const SIGNER = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/main/0123456789abcdef';
  const ID = '00000000-1111-2222-3333-444444444444';
  let store: KeyStore;
  let key: CryptoKey;
  let pem: string;

  beforeAll(async () => {
    store = await KeyStore.start();
    const pair = await generateKeyPair('ES256', { extractable: true });
    key = pair.privateKey;
    pem = await exportSPKI(pair.publicKey);
  });

  afterAll(async () => {
    await store[Symbol.asyncDispose]();
  });

  function spec(rest: Partial<LoadBalancerSpec> = {}): LoadBalancerSpec {
    const own = { issuer: ISSUER, audience: ['client-1'], signer: SIGNER, keys: store.url };
    return { name: 'main', type: 'aws-alb', ...own, ...rest };
  }

  function world(consumers: readonly ConsumerSpec[] = everybody, rest: Partial<LoadBalancerSpec> = {}): World {
    store.asked.length = 0;
    store.bent = undefined;
    store.pems.clear();
    store.pems.set(ID, pem);
    return createWorld(consumers, [spec(rest)]);
  }

  interface Parts {
    readonly header?: object;
    readonly claims?: object;
    readonly by?: CryptoKey;
  }

  /** With the `=` at the end of each part, which are signed as well. */
  async function data({ header = {}, claims = {}, by = key }: Parts = {}): Promise<string> {
    const whole = {
      alg: 'ES256',
      typ: 'JWT',
      kid: ID,
      signer: SIGNER,
      iss: ISSUER,
      client: 'client-1',
      exp: NOW + 120,
    };
    const head = padded({ ...whole, ...header });
    const body = padded({ sub: 'ada', email: 'ada@example.com', ...claims });
    const input = Buffer.from(`${head}.${body}`);
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, by, input);
    return `${head}.${body}.${Buffer.from(signature).toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`;
  }

  function padded(value: object): string {
    // Of a length that needs padding.
    const json = JSON.stringify(value);
    const filled = json.length % 3 === 0 ? `${json} ` : json;
    return Buffer.from(filled).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  }

  it('proves the consumer that its claims fit, with padding in each part', async () => {
    const text = await data();
    expect(text.split('.').map((part) => part.endsWith('='))).toEqual([true, true, true]);
    const made = world();
    expect(made.table.signedHeaders).toEqual([ALB]);
    const found = await signedBy(made)(ALB, text);
    expect(found).toMatchObject({
      name: 'team',
      identity: { method: 'aws-alb', issuer: ISSUER, subject: 'ada', expiresAt: (NOW + 150) * 1000 },
    });
    expect(typeof found === 'object' && made.table.isGood(found)).toBe(true);
    expect(typeof found === 'object' && world(everybody, { signer: `${SIGNER}0` }).table.isGood(found)).toBe(false);
  });

  it('is as good without padding', async () => {
    const text = await new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: 'ES256', kid: ID, signer: SIGNER, iss: ISSUER, client: 'client-1', exp: NOW + 120 })
      .sign(key);
    expect(await signedBy(world())(ALB, text)).toEqual(team);
  });

  it.each<[string, Parts, string]>([
    ['by another load balancer', { header: { signer: `${SIGNER.slice(0, -1)}0` } }, 'AUTH_INVALID'],
    ['without one', { header: { signer: undefined } }, 'AUTH_INVALID'],
    ['for another client', { header: { client: 'client-2' } }, 'AUTH_INVALID'],
    ['for several clients', { header: { client: ['client-1'] } }, 'AUTH_INVALID'],
    ['of another issuer', { header: { iss: `${ISSUER}/` } }, 'AUTH_INVALID'],
    ['of another issuer, in its claims', { claims: { iss: 'https://other.example' } }, 'AUTH_INVALID'],
    ['expired', { header: { exp: NOW - 30 } }, 'AUTH_EXPIRED'],
    ['without an expiry', { header: { exp: undefined } }, 'AUTH_INVALID'],
    ['by no algorithm', { header: { alg: 'none' } }, 'AUTH_INVALID'],
    ['by another algorithm', { header: { alg: 'HS256' } }, 'AUTH_INVALID'],
    ['with a critical extension', { header: { crit: ['x'], x: 1 } }, 'AUTH_INVALID'],
    ['without a key', { header: { kid: undefined } }, 'AUTH_INVALID'],
    ['with a path for a key', { header: { kid: `../${ID}` } }, 'AUTH_INVALID'],
    ['with an address for a key', { header: { kid: 'https://evil.example/key' } }, 'AUTH_INVALID'],
    [
      'with an id for a key that is nearly one',
      { header: { kid: ID.toUpperCase().replace('0', 'G') } },
      'AUTH_INVALID',
    ],
    ['of nobody', { claims: { sub: undefined } }, 'AUTH_INVALID'],
    ['of somebody else', { claims: { sub: 'eve' } }, 'AUTH_FORBIDDEN'],
  ])('is refused: %s', async (_, parts, code) => {
    expect(await signedBy(world())(ALB, await data(parts))).toBe(code);
    // A key is read for nothing that could not be good.
    const isRead = parts.claims !== undefined || (parts.header !== undefined && 'crit' in parts.header);
    expect(store.asked).toEqual(isRead ? [ID] : []);
  });

  it('is refused with another signature, or none, or other parts', async () => {
    const other = await generateKeyPair('ES256');
    const [head = '', body = '', signature = ''] = (await data()).split('.');
    const ask = signedBy(world());
    for (const text of [
      await data({ by: other.privateKey }),
      `${head}.${body}.`,
      `${head}.${body}`,
      `${head}.${padded({ sub: 'root' })}.${signature}`,
      `${head}.${body}.${signature}.x`,
    ]) {
      expect(await ask(ALB, text)).toBe('AUTH_INVALID');
    }
  });

  it('has its keys read once each, and what is no key for at most ten ids in thirty seconds', async () => {
    const made = world();
    const ask = signedBy(made);
    const exps = Array.from({ length: 10 }, (_, index) => data({ header: { exp: NOW + 60 + index } }));
    for (const text of await Promise.all(exps)) expect(await ask(ALB, text)).toEqual(team);
    expect(store.asked).toEqual([ID]);
    const unknown = async (index: number): Promise<string> =>
      await data({ header: { kid: ID.replace('00000000', `0000000${index.toString(16)}`) } });
    const answers = [];
    for (let index = 1; index <= 10; index += 1) answers.push(await ask(ALB, await unknown(index)));
    expect(answers).toEqual([...Array.from({ length: 9 }, () => 'AUTH_INVALID'), 'AUTH_UNAVAILABLE']);
    expect(await ask(ALB, await unknown(1))).toBe('AUTH_INVALID');
    expect(store.asked).toHaveLength(10);
    expect(await ask(ALB, await data({ header: { exp: NOW + 59 } }))).toEqual(team);
    await made.clock.pass(30_000);
    expect(await ask(ALB, await unknown(11))).toBe('AUTH_INVALID');
  });

  it('goes on with a key that cannot be read anew, for an hour, also in the table that comes after', async () => {
    const made = world();
    const ask = signedBy(made);
    let serial = 0;
    const fresh = async (): Promise<string> => {
      serial += 1;
      return await data({ header: { exp: NOW + 9_000 + serial } });
    };
    expect(await ask(ALB, await fresh())).toEqual(team);
    store.bent = (response) => void response.writeHead(503).end();
    await made.clock.pass(600_001);
    expect(await ask(ALB, await fresh())).toEqual(team);
    expect(await ask(ALB, await fresh())).toEqual(team);
    expect(store.asked).toEqual([ID, ID]);
    const next = createWorld(everybody, [spec()], made);
    made.table.close();
    expect(await signedBy(next)(ALB, await fresh())).toEqual(team);
    const elsewhere = createWorld(everybody, [spec({ keys: `${store.url}other/` })], made);
    expect(await signedBy(elsewhere)(ALB, await fresh())).toBe('AUTH_UNAVAILABLE');
    await made.clock.pass(3_000_000);
    const last = signedBy(next);
    expect(await last(ALB, await fresh())).toBe('AUTH_UNAVAILABLE');
    store.bent = undefined;
    await made.clock.pass(30_000);
    expect(await last(ALB, await fresh())).toEqual(team);
    expect(made.log.lines.every(({ level }) => level === 'warn')).toBe(true);
  });

  it('waits for a key for five seconds', async () => {
    const made = world();
    store.bent = () => undefined;
    const answer = signedBy(made)(ALB, await data());
    while (store.asked.length === 0) await settle();
    await made.clock.pass(5_000);
    expect(await answer).toBe('AUTH_UNAVAILABLE');
    expect(made.clock.pending).toBe(0);
  });

  it.each(['<html>', '', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'])(
    'is not believed by a key that is none: %j',
    async (text) => {
      const made = world();
      store.pems.set(ID, text);
      expect(await signedBy(made)(ALB, await data())).toBe('AUTH_UNAVAILABLE');
    },
  );

  it('is not believed by a key of another kind', async () => {
    const made = world();
    const rsa = await signingKey('x', 'RS256');
    store.pems.set(ID, await exportSPKI((await importJWK(rsa.published, 'RS256')) as CryptoKey));
    expect(await signedBy(made)(ALB, await data())).toBe('AUTH_UNAVAILABLE');
  });
});
