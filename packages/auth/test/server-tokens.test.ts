import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { Secret } from '@hostler/secrets';
import { DrivenClock } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServerTokens } from '../src/index.ts';
import type { OutboundTokens } from '../src/index.ts';
import { TokenIdentity } from '../src/token-identity.ts';
import { createMemoryTokenStore } from '../src/outbound/token-store.ts';

const { signal } = new AbortController();
const ADA = { name: 'team', identity: { method: 'jwt', issuer: 'https://id', subject: 'ada' } } as const;
const BOB = { name: 'team', identity: { method: 'jwt', issuer: 'https://id', subject: 'bob' } } as const;
const BROWSER = 'b'.repeat(43);
const log = { debug() {}, info() {}, warn() {}, error() {} };

let issuer: Server;
let base = '';
let tokenRequests: URLSearchParams[] = [];
let refuses = false;
/** How it refuses. */
let refusedWith = { error: 'invalid_grant', status: 400 };
let registrations = 0;
/** Seconds that a token lives. */
let lifetime = 3_600;
/** Held back until it resolves. */
let gate: Promise<void> | undefined;
let now = 1_000_000_000_000;
let store = createMemoryTokenStore();
let masked: string[] = [];
let tokens: OutboundTokens;

beforeEach(async () => {
  [tokenRequests, refuses, store, masked] = [[], false, createMemoryTokenStore(), []];
  [registrations, gate, lifetime, refusedWith] = [0, undefined, 3_600, { error: 'invalid_grant', status: 400 }];
  issuer = createServer({ keepAliveTimeout: 0 }, (request, response) => void answer(request, response));
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  tokens = create();
});

afterEach(async () => {
  tokens.close();
  issuer.closeAllConnections();
  await new Promise((resolve) => issuer.close(resolve));
});

function create(): OutboundTokens {
  return createServerTokens({
    fetchFor: () => fetch,
    clock: new DrivenClock(),
    wallClock: () => now,
    log,
    store,
    secrets: { resolve: (reference) => Promise.resolve(new Secret('client-secret', { reference })) },
    base: () => 'http://127.0.0.1:1',
    remember: (value) => void masked.push(value),
  });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  const json = (value: unknown, status = 200): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (path.includes('oauth-protected-resource'))
    return json({ resource: `${base}/mcp`, authorization_servers: [base] });
  if (path.includes('oauth-authorization-server')) {
    return json({
      issuer: base,
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      registration_endpoint: `${base}/register`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: ['none'],
    });
  }
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (path === '/register') {
    registrations += 1;
    return json({ ...(JSON.parse(body) as object), client_id: `registered-${registrations}` }, 201);
  }
  if (path !== '/token') return json({}, 404);
  tokenRequests.push(new URLSearchParams(body));
  const number = tokenRequests.length;
  await gate;
  if (refuses) {
    const { error, status } = refusedWith;
    return json({ error, error_description: 'words of the issuer' }, status);
  }
  return json({
    access_token: `access-${number}`,
    token_type: 'Bearer',
    expires_in: lifetime,
    refresh_token: `refresh-${number}`,
  });
}

const server = () => ({ name: 'files', url: `${base}/mcp`, oauth: { grant: 'authorization-code' } as const });
const refusal = (used = '') => ({ used, status: 401, challenge: 'Bearer scope="read"' });

async function consentOf(consumer: typeof ADA | typeof BOB): Promise<string> {
  const error: unknown = await tokens.refused(server(), consumer, refusal(), signal).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'OAUTH_CONSENT_REQUIRED' });
  return (error as { details: { elicitationId: string } }).details.elicitationId;
}

async function agree(consumer: typeof ADA | typeof BOB): Promise<void> {
  const id = await consentOf(consumer);
  tokens.desk.confirm(id, BROWSER);
  await tokens.desk.answer(id, BROWSER, { code: 'c', iss: base });
}

describe('createServerTokens, for each user', () => {
  it('sends nothing before the server has asked', async () => {
    expect(await tokens.authorization(server(), ADA, signal)).toBe('');
  });

  it('gets a token when the user has agreed, with PKCE and for this server', async () => {
    const id = await consentOf(ADA);
    const consented = tokens.consented(id, signal);
    const url = tokens.desk.confirm(id, BROWSER);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      code_challenge_method: 'S256',
      resource: `${base}/mcp`,
      scope: 'read',
      redirect_uri: 'http://127.0.0.1:1/oauth/callback',
    });
    expect(url.searchParams.get('state')).toMatch(/^[\w-]{43}$/);
    expect(tokens.desk.idOf(url.searchParams.get('state') ?? '')).toBe(id);
    await tokens.desk.answer(id, BROWSER, { code: 'c', iss: base });
    await consented;
    expect(tokens.authorization(server(), ADA, signal)).toBe('Bearer access-1');
    expect(tokenRequests[0]?.get('code_verifier')).toMatch(/^[\w.~-]{43,128}$/);
    expect(masked).toEqual(['access-1', 'refresh-1']);
  });

  it('asks for the same consent again while that is open', async () => {
    expect(await consentOf(ADA)).toBe(await consentOf(ADA));
  });

  it('gives nobody the token of another user', async () => {
    await agree(ADA);
    expect(await tokens.authorization(server(), BOB, signal)).toBe('');
    expect(await consentOf(BOB)).toBeDefined();
  });

  it('gives the host itself none', () => {
    expect(() => tokens.authorization(server(), { name: 'hostler' }, signal)).toThrow(/no user here/);
  });

  it('takes an answer once, and from the browser alone that went on', async () => {
    const id = await consentOf(ADA);
    const answer = { code: 'c', iss: base };
    await expect(tokens.desk.answer(id, BROWSER, answer)).rejects.toMatchObject({ code: 'OAUTH_CONSENT_FOREIGN' });
    tokens.desk.confirm(id, BROWSER);
    expect(() => tokens.desk.confirm(id, 'c'.repeat(43))).toThrow(/another browser/);
    for (const browser of [undefined, 'c'.repeat(43)]) {
      await expect(tokens.desk.answer(id, browser, answer)).rejects.toMatchObject({ code: 'OAUTH_CONSENT_FOREIGN' });
    }
    await tokens.desk.answer(id, BROWSER, answer);
    await expect(tokens.desk.answer(id, BROWSER, answer)).rejects.toMatchObject({ code: 'OAUTH_CONSENT_UNKNOWN' });
  });

  it.each([
    [{ code: 'c' }, 'OAUTH_METADATA_INVALID'],
    [{ code: 'c', iss: 'https://evil' }, 'OAUTH_METADATA_INVALID'],
    [{ error: 'access_denied', iss: 'https://evil' }, 'OAUTH_METADATA_INVALID'],
  ])('redeems nothing of another issuer: %j', async (given, code) => {
    const id = await consentOf(ADA);
    const consented = tokens.consented(id, signal).catch((thrown: unknown) => thrown);
    tokens.desk.confirm(id, BROWSER);
    await expect(tokens.desk.answer(id, BROWSER, given)).rejects.toMatchObject({ code });
    expect(await consented).toMatchObject({ code });
    expect(tokenRequests).toEqual([]);
  });

  it('tells whoever waits that the user did not agree', async () => {
    const id = await consentOf(ADA);
    tokens.desk.confirm(id, BROWSER);
    const consented = tokens.consented(id, signal).catch((thrown: unknown) => thrown);
    await expect(tokens.desk.answer(id, BROWSER, { error: 'access_denied', iss: base })).rejects.toThrow(/not agreed/);
    expect(await consented).toMatchObject({ code: 'OAUTH_CONSENT_DENIED' });
  });

  it('renews a token before it ends, by one request for all who wait', async () => {
    await agree(ADA);
    now += 3_590_000;
    const all = await Promise.all([1, 2, 3].map(async () => tokens.authorization(server(), ADA, signal)));
    expect(all).toEqual(['Bearer access-2', 'Bearer access-2', 'Bearer access-2']);
    expect(tokenRequests.map((request) => request.get('grant_type'))).toEqual(['authorization_code', 'refresh_token']);
  });

  it('uses one of a short life for the half of it', async () => {
    lifetime = 20;
    await agree(ADA);
    now += 9_000;
    expect(tokens.authorization(server(), ADA, signal)).toBe('Bearer access-1');
    now += 2_000;
    expect(await tokens.authorization(server(), ADA, signal)).toBe('Bearer access-2');
  });

  it('asks the user again when it cannot be renewed, and repeats no word of the issuer', async () => {
    await agree(ADA);
    [now, refuses] = [now + 3_590_000, true];
    const error: unknown = await Promise.resolve(tokens.authorization(server(), ADA, signal)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'OAUTH_CONSENT_REQUIRED' });
    expect(JSON.stringify(error)).not.toContain('words of the issuer');
  });

  it('keeps tokens for the next run, and forgets those that are revoked', async () => {
    await agree(ADA);
    tokens.close();
    tokens = create();
    expect(await tokens.authorization(server(), ADA, signal)).toBe('Bearer access-1');
    const [record] = await tokens.list();
    expect(record).toMatchObject({ server: 'files', consumer: 'team', subject: 'ada', renewable: true });
    expect(JSON.stringify(record)).not.toContain('access-1');
    expect(await tokens.revoke(record?.id ?? '')).toBe(true);
    expect(await tokens.authorization(server(), ADA, signal)).toBe('');
  });

  it('asks for more scopes once', async () => {
    await agree(ADA);
    const more = {
      used: 'Bearer access-1',
      status: 403,
      challenge: 'Bearer error="insufficient_scope", scope="write"',
    };
    const error: unknown = await tokens.refused(server(), ADA, more, signal).catch((thrown: unknown) => thrown);
    const { elicitationId: id } = (error as { details: { elicitationId: string } }).details;
    expect(tokens.desk.confirm(id, BROWSER).searchParams.get('scope')).toBe('read write');
    await tokens.desk.answer(id, BROWSER, { code: 'c', iss: base });
    expect(await tokens.refused(server(), ADA, { ...more, used: 'Bearer access-2' }, signal)).toBe(false);
  });

  it('goes to no address that is not https unless the server is on this machine', async () => {
    const elsewhere = { ...server(), url: 'https://files.invalid/mcp' };
    const challenge = `Bearer resource_metadata="${base}/.well-known/oauth-protected-resource"`;
    const asked = tokens.refused(elsewhere, ADA, { used: '', status: 401, challenge }, signal);
    await expect(asked).rejects.toMatchObject({ code: 'OAUTH_METADATA_INVALID' });
  });
});

describe('createServerTokens, when something is gone', () => {
  it.each(['invalid_client', 'unauthorized_client'])(
    'registers anew, once, where the issuer knows the host no longer: %s at a renewal',
    async (error) => {
      await agree(ADA);
      [now, refuses, refusedWith] = [now + 3_590_000, true, { error, status: 400 }];
      await expect(Promise.resolve(tokens.authorization(server(), ADA, signal))).rejects.toMatchObject({
        code: 'OAUTH_CONSENT_REQUIRED',
      });
      expect(registrations).toBe(2);
      const id = await consentOf(ADA);
      expect(tokens.desk.confirm(id, BROWSER).searchParams.get('client_id')).toBe('registered-2');
      await consentOf(BOB);
      expect(registrations).toBe(2);
    },
  );

  it('registers anew with the next consent where a code, or the browser, came back with that', async () => {
    for (const [number, given] of [{ code: 'c' }, { error: 'unauthorized_client' }].entries()) {
      [refuses, refusedWith] = [true, { error: 'invalid_client', status: 401 }];
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const id = await consentOf(ADA);
      tokens.desk.confirm(id, BROWSER);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await expect(tokens.desk.answer(id, BROWSER, { ...given, iss: base })).rejects.toMatchObject({
        code: 'OAUTH_REFUSED',
      });
      expect(registrations).toBe(number + 1);
    }
    refuses = false;
    await agree(ADA);
    expect(registrations).toBe(3);
  });

  it('keeps its registration where only a token was refused', async () => {
    await agree(ADA);
    [now, refuses] = [now + 3_590_000, true];
    await expect(Promise.resolve(tokens.authorization(server(), ADA, signal))).rejects.toThrow(/agree first/);
    expect(registrations).toBe(1);
  });

  it.each([429, 500, 503])('asks nobody while the issuer is not well: %i', async (status) => {
    await agree(ADA);
    [now, refuses, refusedWith] = [now + 3_590_000, true, { error: 'server_error', status }];
    const renewed = async (): Promise<string> => tokens.authorization(server(), ADA, signal);
    expect(await renewed()).toBe('Bearer access-1');
    now += 10_000;
    await expect(renewed()).rejects.toMatchObject({ code: 'OAUTH_UNAVAILABLE' });
    refuses = false;
    expect(await renewed()).toBe('Bearer access-4');
  });

  it('keeps nothing that comes after it was revoked', async () => {
    await agree(ADA);
    const id = (await tokens.list())[0]?.id ?? '';
    const { promise, resolve } = Promise.withResolvers<void>();
    [now, gate] = [now + 3_590_000, promise];
    const renewed = Promise.resolve(tokens.authorization(server(), ADA, signal));
    await expect.poll(() => tokenRequests.length, { timeout: 20_000 }).toBe(2);
    expect(await tokens.revoke(id)).toBe(true);
    resolve();
    expect(await renewed).toBe('');
    expect(await tokens.list()).toEqual([]);
  });

  it('withdraws what is asked for together with what was agreed to', async () => {
    await agree(ADA);
    const more = {
      used: 'Bearer access-1',
      status: 403,
      challenge: 'Bearer error="insufficient_scope", scope="write"',
    };
    const error: unknown = await tokens.refused(server(), ADA, more, signal).catch((thrown: unknown) => thrown);
    const { elicitationId: id } = (error as { details: { elicitationId: string } }).details;
    await tokens.revokeAll(({ name }) => name === 'files');
    expect(() => tokens.desk.confirm(id, BROWSER)).toThrow(/not asked for/);
    expect(await tokens.list()).toEqual([]);
  });

  it('lets everybody see and give up their own', async () => {
    await agree(ADA);
    await agree(BOB);
    const [own] = await tokens.list(ADA);
    const [other] = await tokens.list(BOB);
    expect([own?.subject, other?.subject, (await tokens.list()).length]).toEqual(['ada', 'bob', 2]);
    expect(await tokens.revoke(own?.id ?? '', BOB)).toBe(false);
    expect(await tokens.revoke('../../keys', BOB)).toBe(false);
    expect(await tokens.revoke(own?.id ?? '', ADA)).toBe(true);
    expect(await tokens.list()).toEqual([other]);
    await tokens.revokeAll(({ url }) => url === 'https://elsewhere');
    expect(await tokens.list()).toEqual([other]);
    await tokens.revokeAll(({ url }) => url === `${base}/mcp`);
    expect(await tokens.list()).toEqual([]);
  });
});

describe('createServerTokens, without a person', () => {
  const client = { clientId: 'host', clientSecret: { secret: 'env://SECRET' } };
  const own = () => ({ ...server(), oauth: { ...client, grant: 'client-credentials', issuer: base } as const });
  const exchange = () => ({
    ...server(),
    oauth: { ...client, grant: 'token-exchange', issuer: base, audience: 'x' } as const,
  });

  it('gets one token of the host’s own for everybody, and keeps none', async () => {
    expect(await tokens.authorization(own(), { name: 'hostler' }, signal)).toBe('Bearer access-1');
    expect(tokens.authorization(own(), ADA, signal)).toBe('Bearer access-1');
    expect(tokenRequests).toHaveLength(1);
    expect(tokenRequests[0]?.get('grant_type')).toBe('client_credentials');
    expect(await store.names()).toEqual([]);
  });

  it('does not get another one for each refusal', async () => {
    const used = await tokens.authorization(own(), ADA, signal);
    expect(await tokens.refused(own(), ADA, refusal(used), signal)).toBe(false);
    now += 10_000;
    expect(await tokens.refused(own(), ADA, refusal(used), signal)).toBe(true);
    expect(tokenRequests).toHaveLength(2);
  });

  it('exchanges the token of the caller, at the issuer alone', async () => {
    const proof = {
      method: 'jwt',
      issuer: 'https://id',
      subject: 'ada',
      claims: {},
      header: {},
      expiresAt: Infinity,
    } as const;
    const identity = new TokenIdentity(proof, 'sha256:0', 'callers-own-token');
    const value = await tokens.authorization(exchange(), { name: 'team', identity }, signal);
    expect(value).toBe('Bearer access-1');
    expect(Object.fromEntries(tokenRequests[0] ?? [])).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'callers-own-token',
      audience: 'x',
    });
    expect(JSON.stringify(identity)).not.toContain('callers-own-token');
    expect(inspect(identity, { showHidden: true, depth: 9 })).not.toContain('callers-own-token');
  });

  it('exchanges nothing for a caller without a token', async () => {
    await expect(tokens.authorization(exchange(), BOB, signal)).rejects.toMatchObject({
      code: 'OAUTH_SUBJECT_MISSING',
    });
  });

  it('says why it got none without a word of the issuer', async () => {
    refuses = true;
    const error: unknown = await Promise.resolve(tokens.authorization(own(), ADA, signal)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'OAUTH_REFUSED', details: { problem: 'invalid_grant' } });
    expect(inspect(error, { depth: 9 })).not.toContain('words of the issuer');
  });
});
