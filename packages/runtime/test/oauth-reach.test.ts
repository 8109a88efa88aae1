import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import type { TokenRefusal, TokenServer } from '@hostler/upstream';
import { toPlan } from '@hostler/config';
import type { ConfigFile } from '@hostler/config';
import { createRedactor } from '@hostler/secrets';
import { DrivenClock } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTokens } from '../src/create-tokens.ts';
import type { TokensOfHost } from '../src/create-tokens.ts';

const { signal } = new AbortController();
const log = { debug() {}, info() {}, warn() {}, error() {} };
const ADA = { name: 'team', identity: { method: 'jwt', issuer: 'https://id', subject: 'ada' } } as const;
const BROWSER = 'b'.repeat(43);
const INNER_TEXT = 'the words of something inside';
/** The metadata services of clouds, private addresses, and what is no web at all. */
const INSIDE = [
  'http://169.254.169.254/latest/meta-data',
  'https://169.254.169.254/latest/meta-data',
  'https://[::ffff:169.254.169.254]/',
  'https://[fd00:ec2::254]/',
  'https://10.0.0.1/',
  'https://192.168.1.1/',
  'https://[fc00::1]/',
  'https://0.0.0.0/',
  'http://example.com/',
  'https://user:password@127.0.0.1/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:25/',
];

interface Listener {
  readonly url: string;
  readonly seen: { readonly path: string; readonly headers: IncomingMessage['headers']; body: string }[];
  readonly server: Server;
  /** How often somebody came, whether or not they spoke HTTP. */
  readonly connections: () => number;
}

const listeners: Server[] = [];

async function listenAt(host: string, answer: RequestListener): Promise<Listener> {
  const seen: Listener['seen'] = [];
  const server = createServer((request, response) => {
    const one = { path: request.url ?? '', headers: request.headers, body: '' };
    seen.push(one);
    request.on('data', (chunk: Buffer) => (one.body += chunk.toString()));
    request.on('end', () => answer(request, response));
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  listeners.push(server);
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}`, seen, server, connections: () => connections };
}

/** What the hostile server says about itself, where that is not the truth. */
interface Lies {
  readonly issuer?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** By a part of the path: where it redirects to, and how. */
  readonly redirects?: Readonly<Record<string, readonly [status: number, to: string]>>;
}

let hostile: Listener;
let inner: Listener;
let lies: Lies = {};
let tokens: TokensOfHost;

const answer: RequestListener = (request, response) => {
  const path = request.url ?? '';
  const base = hostile.url;
  const json = (value: unknown): void =>
    void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  const [, redirect] = Object.entries(lies.redirects ?? {}).find(([part]) => path.includes(part)) ?? [];
  if (redirect !== undefined) return void response.writeHead(redirect[0], { location: redirect[1] }).end();
  if (path.includes('oauth-protected-resource')) {
    return json({ resource: `${base}/mcp`, authorization_servers: [lies.issuer ?? base] });
  }
  if (path === '/token') return json({ access_token: 'token', token_type: 'Bearer' });
  if (path === '/register') return json({ client_id: 'host', redirect_uris: ['http://127.0.0.1:1/oauth/callback'] });
  return json({
    issuer: base,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    registration_endpoint: `${base}/register`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    ...lies.metadata,
  });
};

beforeEach(async () => {
  lies = {};
  hostile = await listenAt('127.0.0.1', answer);
  // Another address of this machine: to a server at 127.0.0.1 that is another host.
  inner = await listenAt('127.0.0.2', (_request, response) => response.writeHead(500).end(INNER_TEXT));
  tokens = create();
});
afterEach(async () => {
  tokens.close();
  for (const server of listeners.splice(0)) {
    server.closeAllConnections();
    // oxlint-disable-next-line no-await-in-loop -- two at most
    await new Promise((resolve) => server.close(resolve));
  }
});

function create(more: Partial<ConfigFile> = {}): TokensOfHost {
  const clock = new DrivenClock();
  const resolver = { resolve: () => Promise.reject(new Error('no secrets here')) };
  const created = createTokens({
    plan: toPlan({ servers: {}, ...more }, { source: '/hostler.yaml' }),
    stateDirectory: undefined,
    resolvers: { all: resolver, early: resolver } as never,
    redactor: createRedactor({ clock }),
    clock,
    log,
  });
  created.listensAt('http://127.0.0.1:1');
  return created;
}

const server = (): TokenServer => ({ name: 'far', url: `${hostile.url}/mcp`, oauth: { grant: 'authorization-code' } });
const refusal = (metadata?: string): TokenRefusal => ({
  used: '',
  status: 401,
  challenge: metadata === undefined ? 'Bearer' : `Bearer resource_metadata="${metadata}"`,
  url: `${hostile.url}/mcp`,
});

async function failure(
  metadata?: string,
  asked = server(),
): Promise<{ code: string; details: Record<string, string> }> {
  const error: unknown = await tokens.refused(asked, ADA, refusal(metadata), signal).catch((thrown: unknown) => thrown);
  expect(inspect(error, { depth: 9 })).not.toContain(INNER_TEXT);
  return error as never;
}

/** A user goes through to the end, as far as that leads. */
async function agree(code: string): Promise<void> {
  const id = (await failure()).details['elicitationId'] ?? '';
  tokens.desk.confirm(id, BROWSER);
  await tokens.desk.answer(id, BROWSER, { code });
}

const REFUSED = /^OAUTH_(?:METADATA_INVALID|UNAVAILABLE)$/;

describe('S4: what a server says about itself', () => {
  it('leads to a consent where it is the truth', async () => {
    expect(await failure()).toMatchObject({ code: 'OAUTH_CONSENT_REQUIRED' });
  });

  it.each(INSIDE)('is not read at %s', async (address) => {
    expect((await failure(address)).code).toMatch(REFUSED);
    expect(hostile.seen).toEqual([]);
  });

  it.each(INSIDE)('names no issuer at %s', async (address) => {
    lies = { issuer: address };
    expect((await failure()).code).toMatch(REFUSED);
    expect(hostile.seen.filter(({ path }) => !path.includes('oauth-protected-resource'))).toEqual([]);
  });

  it('is not read at another host of this network, nor names an issuer there', async () => {
    expect((await failure(`${inner.url}/.well-known/oauth-protected-resource`)).code).toMatch(REFUSED);
    lies = { issuer: inner.url };
    tokens = create();
    expect((await failure()).code).toMatch(REFUSED);
    expect(inner.connections()).toBe(0);
  });

  it('says the same of an inner address, whether something is there or not', async () => {
    const free = await listenAt('127.0.0.2', () => undefined);
    await new Promise((resolve) => listeners.pop()?.close(resolve));
    const [there, nothing] = [await failure(inner.url), await failure(free.url)];
    expect([there.code, there.details]).toEqual([nothing.code, nothing.details]);
  });

  it.each(['outbound.allow', 'oauth.issuer'])('leads inside where the operator says so with %s', async (key) => {
    const issuer = inner.url;
    lies = { issuer };
    tokens = create(key === 'outbound.allow' ? { outbound: { allow: ['127.0.0.2'] } } : {});
    const { oauth } = server();
    const asked = key === 'outbound.allow' ? server() : { ...server(), oauth: { ...oauth, issuer } };
    expect((await failure(undefined, asked)).code).toMatch(REFUSED);
    expect(inner.connections()).toBeGreaterThan(0);
  });

  it('follows another outbound.allow', async () => {
    lies = { issuer: inner.url };
    await failure();
    expect(inner.connections()).toBe(0);
    tokens.change(toPlan({ servers: {}, outbound: { allow: ['127.0.0.0/8'] } }, { source: '/hostler.yaml' }));
    await failure();
    expect(inner.connections()).toBeGreaterThan(0);
  });

  it.each(['localhost', '127.0.0.1'])('names an issuer on the machine that it is on itself: %s', async (name) => {
    const { port } = new URL(hostile.url);
    const issuer = `http://${name}:${port}`;
    lies = { issuer, metadata: { issuer } };
    expect(await failure()).toMatchObject({ code: 'OAUTH_CONSENT_REQUIRED' });
  });
});

describe('S5: the endpoints of an issuer', () => {
  it.each(INSIDE)('nobody registers at %s', async (address) => {
    lies = { metadata: { registration_endpoint: address } };
    expect((await failure()).code).toMatch(REFUSED);
  });

  it.each(INSIDE.filter((address) => !address.startsWith('https://') || address.includes('@')))(
    'no browser is sent to, and no code to, %s',
    async (address) => {
      for (const key of ['authorization_endpoint', 'token_endpoint']) {
        lies = { metadata: { [key]: address } };
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await failure()).code).toMatch(REFUSED);
      }
      expect(hostile.seen.map(({ path }) => path)).not.toContain('/register');
    },
  );

  it.each(INSIDE.filter((address) => address.startsWith('https://') && !address.includes('@')))(
    'no code is sent to %s',
    async (address) => {
      lies = { metadata: { token_endpoint: address } };
      await expect(agree('canary-code')).rejects.toMatchObject({ code: 'OAUTH_UNAVAILABLE' });
    },
  );

  it('another host of this network is not asked', async () => {
    const elsewhere = `${inner.url.replace('http', 'https')}/here`;
    lies = { metadata: { registration_endpoint: elsewhere } };
    expect((await failure()).code).toMatch(REFUSED);
    lies = { metadata: { token_endpoint: elsewhere } };
    await expect(agree('canary-code')).rejects.toMatchObject({ code: 'OAUTH_UNAVAILABLE' });
    expect(inner.connections()).toBe(0);
  });

  it('what nobody needs is not fetched', async () => {
    const keys = ['jwks_uri', 'logo_uri', 'service_documentation', 'op_policy_uri', 'op_tos_uri', 'userinfo_endpoint'];
    const more = [...keys, 'introspection_endpoint', 'revocation_endpoint', 'pushed_authorization_request_endpoint'];
    lies = { metadata: Object.fromEntries(more.map((key) => [key, `${inner.url}/${key}`])) };
    await agree('the-code');
    expect(await tokens.authorization(server(), ADA, signal)).toBe('Bearer token');
    expect(inner.connections()).toBe(0);
  });
});

describe('S9 and S10: credentials go where they belong', () => {
  const metadataParts = ['oauth-protected-resource', 'oauth-authorization-server'];
  it.each([301, 302, 303, 307, 308])('no redirect is followed: %i', async (status) => {
    for (const part of metadataParts) {
      lies = { redirects: { [part]: [status, `${inner.url}/`] } };
      tokens = create();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await failure()).code).toMatch(REFUSED);
    }
    lies = { redirects: { '/token': [status, `${inner.url}/token`] } };
    tokens = create();
    await expect(agree('canary-code')).rejects.toMatchObject({ code: 'OAUTH_UNAVAILABLE' });
    expect(hostile.seen.some(({ body }) => body.includes('canary-code'))).toBe(true);
    expect(inner.connections()).toBe(0);
  });

  it('a token is that of one URL', async () => {
    await agree('the-code');
    expect(await tokens.authorization(server(), ADA, signal)).toBe('Bearer token');
    for (const url of [`${hostile.url}/mcp2`, `${hostile.url}/mcp?a`, `${inner.url}/mcp`]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await tokens.authorization({ ...server(), url }, ADA, signal)).toBe('');
    }
    expect(await tokens.authorization({ ...server(), name: 'other' }, ADA, signal)).toBe('');
  });
});
