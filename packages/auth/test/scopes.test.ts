import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signingKey, StandInIssuer } from './stand-in-issuer.ts';
import { consumer, createWorld, issuerSpec, signal } from './table.ts';
import type { ConsumerSpec } from '../src/consumer-spec.ts';
import type { JwtIssuerSpec } from '../src/issuer-spec.ts';

let issuer: StandInIssuer;

beforeAll(async () => {
  issuer = await StandInIssuer.start(await signingKey('one', 'ES256'));
});

afterAll(async () => {
  await issuer[Symbol.asyncDispose]();
});

/** The name of the consumer, or the code of the error and the scopes in it. */
async function answer(
  claims: object,
  consumers: readonly ConsumerSpec[],
  rest: Partial<JwtIssuerSpec> = {},
): Promise<unknown> {
  const { table } = createWorld(consumers, [issuerSpec(issuer, { algorithms: ['ES256'], ...rest })]);
  const token = await issuer.token({ claims: { ...claims } });
  try {
    return (await table.identify({ authorization: `Bearer ${token}` }, signal)).name;
  } catch (error) {
    const { code, details } = error as { readonly code: string; readonly details: { readonly scope?: string } };
    return details.scope === undefined ? code : [code, details.scope];
  }
}

describe('scopes that an issuer’s tokens need', () => {
  const everybody = [consumer('team', { tokens: [{ issuer: 'main', claims: { sub: 'ada' } }] })];
  const scopes = { scopes: ['mcp:use', 'mcp:read'] };

  it.each<[string, object, unknown]>([
    ['all of them', { scope: 'mcp:read other mcp:use' }, 'team'],
    ['all of them, as Entra has them', { scp: 'mcp:read mcp:use' }, 'team'],
    ['all of them, in a list', { scp: ['mcp:use', 'mcp:read'] }, 'team'],
    ['one of them', { scope: 'mcp:use' }, ['AUTH_SCOPE_MISSING', 'mcp:use mcp:read']],
    ['none', {}, ['AUTH_SCOPE_MISSING', 'mcp:use mcp:read']],
    ['what begins with one', { scope: 'mcp:use2 mcp:read mcp:us' }, ['AUTH_SCOPE_MISSING', 'mcp:use mcp:read']],
    ['another case', { scope: 'MCP:USE mcp:read' }, ['AUTH_SCOPE_MISSING', 'mcp:use mcp:read']],
    ['all of them, of nobody', { sub: 'eve', scope: 'mcp:use mcp:read' }, 'AUTH_FORBIDDEN'],
    ['none, of nobody', { sub: 'eve' }, 'AUTH_FORBIDDEN'],
  ])('with %s', async (_, claims, expected) => {
    expect(await answer(claims, everybody, scopes)).toEqual(expected);
  });
});

describe('scopes that a consumer’s tokens need', () => {
  const consumers = [
    consumer('admins', {
      tokens: [
        { issuer: 'main', claims: { role: 'admin' }, scopes: ['mcp:admin'] },
        { issuer: 'main', claims: { sub: 'root' } },
      ],
    }),
    consumer('team', { tokens: [{ issuer: 'main', claims: { sub: '*' } }] }),
  ];

  it.each<[string, object, unknown]>([
    ['has them', { role: 'admin', scope: 'mcp:admin' }, 'admins'],
    ['has none: it is not taken for somebody else', { role: 'admin' }, ['AUTH_SCOPE_MISSING', 'mcp:use mcp:admin']],
    ['has none, but fits another entry', { role: 'admin', sub: 'root', scope: 'mcp:use' }, 'admins'],
    ['is another one’s', { role: 'dev', scope: 'mcp:use' }, 'team'],
  ])('that %s', async (_, claims, expected) => {
    expect(await answer({ scope: 'mcp:use', ...claims }, consumers)).toEqual(
      typeof expected === 'string' ? expected : ['AUTH_SCOPE_MISSING', 'mcp:admin'],
    );
    const both = { scope: 'scope' in claims ? `mcp:use ${String(claims.scope)}` : 'mcp:use' };
    expect(await answer({ ...claims, ...both }, consumers, { scopes: ['mcp:use'] })).toEqual(expected);
  });
});

describe('a consumer that the claims name', () => {
  const consumers = [
    consumer('special', { tokens: [{ issuer: 'main', claims: { sub: 'root' } }] }),
    consumer('team-red'),
    consumer('team-blue'),
    consumer('ada'),
  ];

  it.each<[string, object, unknown]>([
    ['{sub}', {}, 'ada'],
    ['{sub}', { sub: 'eve' }, 'AUTH_FORBIDDEN'],
    ['{sub}', { sub: 'root' }, 'special'],
    ['{sub}', { sub: 'Ada' }, 'AUTH_FORBIDDEN'],
    ['{sub}', { sub: 'constructor' }, 'AUTH_FORBIDDEN'],
    ['{sub}', { sub: '{sub}' }, 'AUTH_FORBIDDEN'],
    ['team-{groups}', { groups: ['red'] }, 'team-red'],
    ['team-{groups}', { groups: 'red' }, 'team-red'],
    ['team-{groups}', { groups: ['red', 'blue'] }, 'AUTH_FORBIDDEN'],
    ['team-{groups}', { groups: [] }, 'AUTH_FORBIDDEN'],
    ['team-{groups}', {}, 'AUTH_FORBIDDEN'],
    ['team-{groups}', { groups: 'red\n' }, 'AUTH_FORBIDDEN'],
    ['team-{groups}', { groups: '../red' }, 'AUTH_FORBIDDEN'],
    ['team-{realm.team}', { realm: { team: 'blue' } }, 'team-blue'],
    ['{kind}-{groups}', { kind: 'team', groups: 'blue' }, 'team-blue'],
    ['{kind}{groups}', { kind: 'team', groups: '-blue' }, 'team-blue'],
    ['team-$&{groups}', { groups: 'red' }, 'AUTH_FORBIDDEN'],
  ])('by %s with %j', async (template, claims, expected) => {
    expect(await answer(claims, consumers, { consumer: template })).toBe(expected);
  });

  it('needs the scopes of the issuer', async () => {
    const rest = { consumer: '{sub}', scopes: ['mcp:use'] };
    expect(await answer({}, consumers, rest)).toEqual(['AUTH_SCOPE_MISSING', 'mcp:use']);
    expect(await answer({ scope: 'mcp:use' }, consumers, rest)).toBe('ada');
    expect(await answer({ sub: 'eve' }, consumers, rest)).toBe('AUTH_FORBIDDEN');
  });
});
