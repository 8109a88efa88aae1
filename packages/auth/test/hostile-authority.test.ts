import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@hostler/secrets';
import { DrivenClock } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServerTokens } from '../src/index.ts';
import type { OutboundTokens, TokenStore } from '../src/index.ts';
import { createMemoryTokenStore } from '../src/outbound/token-store.ts';
import { TokenIdentity } from '../src/token-identity.ts';

const { signal } = new AbortController();
const ADA = { name: 'team', identity: { method: 'jwt', issuer: 'https://id', subject: 'ada' } } as const;
const BROWSER = 'b'.repeat(43);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const CLIENT = { clientId: 'host', clientSecret: { secret: 'env://SECRET' } };

let authority: Server;
let base = '';
let asked: URLSearchParams[] = [];
let requests = 0;
/** What is said to the next request for a token, beside what everybody says. */
let given: object = {};
let until: Promise<void> | undefined;
let now = 1_000_000_000_000;
let store: TokenStore;
let tokens: OutboundTokens;

beforeEach(async () => {
  [asked, given, until, store] = [[], {}, undefined, createMemoryTokenStore()];
  authority = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    const path = request.url ?? '';
    let body = '';
    requests += 1;
    for await (const chunk of request) body += String(chunk);
    const json = (value: unknown, status = 200): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (path.includes('oauth-protected-resource')) {
      return json({ resource: `${base}/mcp`, authorization_servers: [base] });
    }
    if (path.includes('oauth-authorization-server')) return json(metadata());
    if (path === '/register')
      return json({ ...(JSON.parse(body) as object), client_id: 'registered', client_secret: 's' }, 201);
    asked.push(new URLSearchParams(body));
    const { length } = asked;
    await until;
    return json({ access_token: `a-${length}`, token_type: 'Bearer', refresh_token: `r-${length}`, ...given });
  });
  await new Promise<void>((resolve) => authority.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(authority.address() as AddressInfo).port}`;
  tokens = createServerTokens({
    fetchFor: () => fetch,
    clock: new DrivenClock(),
    wallClock: () => now,
    log,
    store,
    secrets: { resolve: (reference) => Promise.resolve(new Secret('client-secret', { reference })) },
    base: () => 'http://127.0.0.1:1',
    remember: () => undefined,
  });
});

afterEach(async () => {
  tokens.close();
  authority.closeAllConnections();
  await new Promise((resolve) => authority.close(resolve));
});

const metadata = () => ({
  issuer: base,
  authorization_endpoint: `${base}/authorize`,
  token_endpoint: `${base}/token`,
  registration_endpoint: `${base}/register`,
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
});

const users = () => ({ name: 'files', url: `${base}/mcp`, oauth: { grant: 'authorization-code' } as const });
const hosts = (scopes?: string[]) => {
  const oauth = { ...CLIENT, grant: 'client-credentials', issuer: base, ...(scopes && { scopes }) } as const;
  return { name: 'files', url: `${base}/mcp`, oauth };
};
const wanting = (used: string, scope: string) => ({
  used,
  status: 403,
  challenge: `Bearer error="insufficient_scope", scope="${scope}"`,
});

async function begin(): Promise<string> {
  const refusal = { used: '', status: 401, challenge: 'Bearer' };
  const error: unknown = await tokens.refused(users(), ADA, refusal, signal).catch((thrown: unknown) => thrown);
  const id = (error as { details: { elicitationId: string } }).details.elicitationId;
  tokens.desk.confirm(id, BROWSER);
  return id;
}

const finish = async (id: string): Promise<void> => tokens.desk.answer(id, BROWSER, { code: 'c', iss: base });

describe('an authorization server that means ill', () => {
  it.each([
    ['a refresh token of 20 000 characters', { refresh_token: 'x'.repeat(20_000) }],
    ['a refresh token with a line break', { refresh_token: 'x\ny' }],
    ['a scope of 20 000 characters', { scope: 'x '.repeat(10_000) }],
  ])('gives no token with %s', async (_, more) => {
    given = more;
    await expect(finish(await begin())).rejects.toMatchObject({ code: 'OAUTH_REFUSED' });
    expect(await tokens.list()).toEqual([]);
  });

  it('does not bring a token back that was revoked while it was renewed', async () => {
    given = { expires_in: 60 };
    await finish(await begin());
    const [record] = await tokens.list();
    now += 59_000;
    const gate = Promise.withResolvers<void>();
    until = gate.promise;
    const renewal = Promise.resolve(tokens.authorization(users(), ADA, signal)).catch((thrown: unknown) => thrown);
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBe(2);
    await tokens.revoke(record?.id ?? '');
    gate.resolve();
    expect(await renewal).toBe('');
    expect(await tokens.list()).toEqual([]);
    await expect(tokens.authorization(users(), ADA, signal)).rejects.toMatchObject({ code: 'OAUTH_CONSENT_REQUIRED' });
  });
});

it('a clock that was set back does not keep a refused token', async () => {
  given = { expires_in: 3600 };
  const used = await tokens.authorization(hosts(), ADA, signal);
  now -= 3_600_000;
  expect(await tokens.refused(hosts(), ADA, { used, status: 401, challenge: 'Bearer' }, signal)).toBe(true);
  expect(await tokens.authorization(hosts(), ADA, signal)).not.toBe(used);
});

describe('a server that wants more and more', () => {
  it('has one consent of a user open, and has nobody else asked while it is', async () => {
    given = { expires_in: 3600 };
    await finish(await begin());
    const ids = new Set<string>();
    for (let turn = 0; turn < 30; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      const error: unknown = await tokens
        .refused(users(), ADA, wanting('Bearer a-1', `s${turn}`), signal)
        .catch((thrown: unknown) => thrown);
      ids.add((error as { details: { elicitationId: string } }).details.elicitationId);
    }
    const isOpen = (id: string): boolean => {
      try {
        return tokens.desk.find(id).id === id;
      } catch {
        return false;
      }
    };
    expect([...ids].filter(isOpen)).toHaveLength(1);
    const before = requests;
    for (let turn = 0; turn < 5; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await expect(tokens.authorization(users(), ADA, signal)).rejects.toMatchObject({
        code: 'OAUTH_CONSENT_REQUIRED',
      });
    }
    expect(requests).toBe(before);
  });

  it('does not widen what the operator wrote for the host itself', async () => {
    const used = await tokens.authorization(hosts(['read']), ADA, signal);
    expect(await tokens.refused(hosts(['read']), ADA, wanting(used, 'admin'), signal)).toBe(false);
    expect(asked.map((each) => each.get('scope'))).toEqual(['read']);
  });

  it('is not followed beyond what a scope may be long', async () => {
    let used = await tokens.authorization(hosts(), ADA, signal);
    for (let turn = 0; turn < 8; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await tokens.refused(hosts(), ADA, wanting(used, `${'x'.repeat(1_500)}${turn}`), signal);
      // oxlint-disable-next-line no-await-in-loop -- one after another
      used = await tokens.authorization(hosts(), ADA, signal);
    }
    expect(Math.max(...asked.map((each) => each.get('scope')?.length ?? 0))).toBeLessThanOrEqual(8 * 1024);
  });
});

describe('the tokens of one user that say different things', () => {
  it('are exchanged each for its own: one with less does not get what another one was exchanged for', async () => {
    const oauth = { ...CLIENT, grant: 'token-exchange', issuer: base } as const;
    const server = { name: 'files', url: `${base}/mcp`, oauth };
    const callerOf = (scope: string) => {
      const proof = { method: 'jwt', issuer: 'https://id', subject: 'ada', claims: { scope }, header: {} } as const;
      return { name: 'team', identity: new TokenIdentity({ ...proof, expiresAt: Infinity }, 'x', `token-${scope}`) };
    };
    given = { expires_in: 3600 };
    const wide = await tokens.authorization(server, callerOf('admin read'), signal);
    const narrow = await tokens.authorization(server, callerOf('read'), signal);
    expect(narrow).not.toBe(wide);
    expect(await tokens.authorization(server, callerOf('read admin'), signal)).toBe(wide);
    expect(asked.map((each) => each.get('subject_token'))).toEqual(['token-admin read', 'token-read']);
  });
});
