import { inspect } from 'node:util';
import { settle } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../src/index.ts';
import { StandInIntrospection } from './stand-in-introspection.ts';
import { signingKey, StandInIssuer } from './stand-in-issuer.ts';
import { consumer, createWorld, issuerSpec, signal } from './table.ts';
import type { World } from './table.ts';
import type { ConsumerSpec } from '../src/consumer-spec.ts';
import type { IntrospectionSpec } from '../src/issuer-spec.ts';

const NOW = 1_800_000_000;
const everybody = [consumer('team', { tokens: [{ issuer: 'main', claims: {} }] })];
const team = expect.objectContaining({ name: 'team' }) as unknown;

let issuer: StandInIntrospection;

beforeEach(async () => {
  issuer = await StandInIntrospection.start();
  issuer.active.set('opaque', about());
});

afterEach(async () => {
  await issuer[Symbol.asyncDispose]();
});

function about(more: object = {}): object {
  return { sub: 'ada', aud: 'https://host.example/mcp', exp: NOW + 600, scope: 'a b', token_type: 'Bearer', ...more };
}

function world(consumers: readonly ConsumerSpec[] = everybody, rest: Partial<IntrospectionSpec> = {}): World {
  const made = createWorld(consumers, [issuer.spec(rest)]);
  made.held.set('env://SECRET', 'p:w ü');
  return made;
}

describe('an opaque token', () => {
  it('proves the consumer that the answer about it fits; the issuer is asked as the client it knows', async () => {
    const { bearer } = world();
    expect(await bearer('opaque')).toMatchObject({
      name: 'team',
      identity: {
        method: 'introspection',
        issuer: issuer.url,
        subject: 'ada',
        scopes: ['a', 'b'],
        expiresAt: (NOW + 630) * 1000,
      },
    });
    const basic = Buffer.from('host+one:p%3Aw+%C3%BC').toString('base64');
    expect(issuer.questions).toEqual([
      { authorization: `Basic ${basic}`, method: 'POST', body: { token: 'opaque', token_type_hint: 'access_token' } },
    ]);
  });

  it.each<[string, object]>([
    ['one of several audiences', { aud: ['https://other.example', 'https://host.example/mcp'] }],
    ['an issuer that is the right one', { iss: () => issuer.url }],
    ['no expiry', { exp: undefined }],
    ['no type', { token_type: undefined }],
    ['the word of Hydra', { token_use: 'access_token' }],
    ['the word of Keycloak, and the nonce of its older releases', { typ: 'Bearer', nonce: 'n' }],
    ['a clock 30 seconds behind', { exp: NOW - 29 }],
  ])('is accepted with %s', async (_, more) => {
    const claims = Object.entries(more).map(([name, value]) => [name, typeof value === 'function' ? value() : value]);
    issuer.active.set('opaque', about(Object.fromEntries(claims) as object));
    expect(await world().bearer('opaque')).toEqual(team);
  });

  it.each<[string, object, string]>([
    ['for another audience', { aud: 'https://other.example' }, 'AUTH_INVALID'],
    ['for what ours begins with', { aud: 'https://host.example' }, 'AUTH_INVALID'],
    ['for nobody', { aud: undefined }, 'AUTH_INVALID'],
    ['of another issuer', { iss: 'https://issuer.example' }, 'AUTH_INVALID'],
    ['expired', { exp: NOW - 30 }, 'AUTH_EXPIRED'],
    ['with text for an expiry', { exp: '1900000000' }, 'AUTH_INVALID'],
    ['not yet good', { nbf: NOW + 31 }, 'AUTH_INVALID'],
    ['of nobody', { sub: undefined }, 'AUTH_INVALID'],
    ['a refresh token of Keycloak', { typ: 'Refresh' }, 'AUTH_INVALID'],
    ['a refresh token of Hydra', { token_use: 'refresh_token' }, 'AUTH_INVALID'],
    ['an ID token', { token_use: 'id' }, 'AUTH_INVALID'],
    ['of another type', { token_type: 'DPoP' }, 'AUTH_INVALID'],
    ['bound to a key', { cnf: { jkt: 'x' } }, 'AUTH_INVALID'],
    ['not active after all', { active: false }, 'AUTH_INVALID'],
  ])('is refused: %s', async (_, more, code) => {
    issuer.active.set('opaque', about(more));
    expect(await world().bearer('opaque')).toBe(code);
  });

  it('that is unknown is refused, and shown to nobody in a log', async () => {
    const { bearer, log } = world();
    expect(await bearer('never-heard-of')).toBe('AUTH_INVALID');
    expect(inspect(log.lines, { depth: 9 })).not.toContain('never-heard-of');
  });

  it('goes into Authorization only; a key of this host is shown to no issuer', async () => {
    const { ask, bearer } = world();
    expect(await ask({ apiKey: 'opaque' })).toBe('AUTH_INVALID');
    const { key } = createKey();
    for (const text of [key, key.slice(0, -1), `${key.slice(0, -1)}x`]) expect(await bearer(text)).toBe('AUTH_INVALID');
    expect(issuer.questions).toEqual([]);
  });

  it('may be a key that could not be read: nobody can tell', async () => {
    const { bearer, table, held } = world([
      ...everybody,
      consumer('ci', { keys: [{ secret: { secret: 'env://KEY' } }] }),
    ]);
    await table.readKeys(signal);
    expect(await bearer('a-key-of-another-making')).toBe('AUTH_UNAVAILABLE');
    held.set('env://KEY', 'a-key-of-another-making');
    await table.readKeys(signal);
    expect(await bearer('a-key-of-another-making')).toMatchObject({ name: 'ci' });
    expect(await bearer('opaque')).toEqual(team);
  });
});

describe('what the issuer said', () => {
  it('holds for a minute, and never longer than the token', async () => {
    const { bearer, clock, wall, table } = world();
    const pass = async (milliseconds: number): Promise<void> => {
      wall.now += milliseconds;
      await clock.pass(milliseconds);
    };
    const found = await bearer('opaque');
    issuer.active.clear();
    await pass(59_999);
    expect(await bearer('opaque')).toBe(found);
    expect(issuer.questions).toHaveLength(1);
    await pass(1);
    expect(await bearer('opaque')).toBe('AUTH_INVALID');
    issuer.active.set('short', about({ exp: NOW + 40 }));
    expect(await bearer('short')).toEqual(team);
    wall.now = (NOW + 70) * 1000;
    expect(await bearer('short')).toBe('AUTH_EXPIRED');
    table.close();
  });

  it('of a token that was no good holds for five seconds', async () => {
    const { bearer, clock } = world();
    expect(await bearer('late')).toBe('AUTH_INVALID');
    issuer.active.set('late', about());
    await clock.pass(4_999);
    expect(await bearer('late')).toBe('AUTH_INVALID');
    expect(issuer.questions).toHaveLength(1);
    await clock.pass(1);
    expect(await bearer('late')).toEqual(team);
  });

  it('is asked for once for all who wait, also where the token is nobody’s', async () => {
    const { bearer } = world([]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => bearer('opaque')));
    expect(new Set(answers)).toEqual(new Set(['AUTH_FORBIDDEN']));
    expect(await bearer('opaque')).toBe('AUTH_FORBIDDEN');
    expect(issuer.questions).toHaveLength(1);
  });

  it('is asked for about 64 tokens at a time', async () => {
    issuer.bent = () => undefined;
    const { bearer, clock } = world();
    const waiting = Array.from({ length: 64 }, (_, index) => bearer(`made-up-${index}`));
    while (issuer.questions.length < 64) await settle();
    expect(await bearer('one-more')).toBe('AUTH_UNAVAILABLE');
    expect(issuer.questions).toHaveLength(64);
    await clock.pass(5_000);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['AUTH_UNAVAILABLE']));
    expect(clock.pending).toBe(0);
  });

  it('stays good for who came with it in a table that would believe it, and in no other', async () => {
    const { bearer } = world();
    const found = await bearer('opaque');
    if (typeof found === 'string') throw new Error(found);
    const good = (consumers?: readonly ConsumerSpec[], rest?: Partial<IntrospectionSpec>): boolean =>
      world(consumers, rest).table.isGood(found);
    expect(good()).toBe(true);
    expect(good([])).toBe(false);
    expect(good(everybody, { audience: ['https://moved.example'] })).toBe(false);
    expect(good(everybody, { issuer: 'https://issuer.example' })).toBe(false);
    expect(good(everybody, { scopes: ['c'] })).toBe(false);
  });
});

describe('an issuer that cannot be asked', () => {
  it.each<[string, (response: Parameters<NonNullable<StandInIntrospection['bent']>>[0]) => void]>([
    ['knows the host no more', (response) => void response.writeHead(401).end('{"active":true}')],
    ['is down', (response) => void response.writeHead(503).end()],
    ['sends elsewhere', (response) => void response.writeHead(302, { location: '/introspect' }).end()],
    ['answers no JSON', (response) => void response.writeHead(200).end('<html>')],
    ['says nothing', (response) => void response.writeHead(200).end('{}')],
    ['says it in a text', (response) => void response.writeHead(200).end('{"active":"true"}')],
    ['says too much', (response) => void response.writeHead(200).end(`{"active":true,"x":"${'x'.repeat(262_144)}"}`)],
  ])('because it %s lets nobody in', async (_, answer) => {
    issuer.bent = answer;
    const { bearer, log } = world();
    expect(await bearer('opaque')).toBe('AUTH_UNAVAILABLE');
    expect(await bearer('opaque')).toBe('AUTH_UNAVAILABLE');
    expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
    issuer.bent = undefined;
    expect(await bearer('opaque')).toEqual(team);
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  it('because the secret is away lets nobody in', async () => {
    const { bearer, held } = world();
    held.clear();
    expect(await bearer('opaque')).toBe('AUTH_UNAVAILABLE');
    expect(issuer.questions).toEqual([]);
  });

  it('is waited for by each caller as long as it likes, and not after closing', async () => {
    issuer.bent = () => undefined;
    const { table, bearer, clock } = world();
    const controller = new AbortController();
    const impatient = Promise.resolve(table.identify({ authorization: 'Bearer opaque' }, controller.signal));
    const patient = bearer('opaque');
    controller.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    table.close();
    expect(await patient).toBe('AUTH_UNAVAILABLE');
    expect(clock.pending).toBe(0);
  });

  it.each(['http://issuer.example/introspect', 'file:///etc/passwd', 'https://name:word@issuer.example/'])(
    'is refused at %s',
    (url) => {
      expect(() => world(everybody, { url })).toThrow('The issuer main cannot be used');
    },
  );
});

describe('a signed token beside it', () => {
  it('is believed by its signature alone, and shown to the other issuer only when nobody signs such ones', async () => {
    await using signer = await StandInIssuer.start(await signingKey('one'));
    const consumers = [
      consumer('team', { tokens: [{ issuer: 'signer', claims: {} }] }),
      consumer('asked', { tokens: [{ issuer: 'main', claims: {} }] }),
    ];
    const { bearer, held } = createWorld(consumers, [issuer.spec(), issuerSpec(signer, { name: 'signer' })]);
    held.set('env://SECRET', 'x');
    const token = await signer.token();
    issuer.active.set(token, about());
    expect(await bearer(token)).toEqual(team);
    const forged = `${token.slice(0, -8)}AAAAAAAA`;
    issuer.active.set(forged, about());
    expect(await bearer(forged)).toBe('AUTH_INVALID');
    expect(issuer.questions).toEqual([]);
    const foreign = await signer.token({ claims: { iss: 'https://elsewhere.example' } });
    issuer.active.set(foreign, about());
    expect(await bearer(foreign)).toMatchObject({ name: 'asked', identity: { method: 'introspection' } });
  });
});
