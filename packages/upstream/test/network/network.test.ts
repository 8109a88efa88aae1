import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { TestAuthority } from '@hostler/test-kit/test-authority';
import type { Certified } from '@hostler/test-kit/test-authority';
import { beforeAll, describe, expect, test } from 'vitest';
import type { NetworkSpec } from '@hostler/kernel';
import type { Connect } from '../../src/connection.ts';
import { createConnectHttp } from '../../src/http/connect-http.ts';
import type { MissingSecret } from '../../src/pool.ts';
import { createConnectWebSocket } from '../../src/websocket/connect-websocket.ts';
import { contextFor, exchangeOf, failureOf } from '../http/support/context.ts';
import { serveMcp, serveProxy } from './support.ts';

interface Trial {
  readonly url: string;
  readonly network?: NetworkSpec;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: Record<string, string>;
}

function connectorFor(url: string, environment: Readonly<Record<string, string>>): Connect {
  const options = { baseEnvironment: environment };
  return url.startsWith('ws') ? createConnectWebSocket(options) : createConnectHttp(options);
}

/** Connects, calls once, and closes. */
async function callThrough({ url, environment = {}, ...options }: Trial): Promise<unknown> {
  const context = contextFor({ url, ...options, ...(url.endsWith('/sse') && { protocol: 'sse' as const }) });
  const connection = await connectorFor(url, environment)(context);
  try {
    return (await connection.request(exchangeOf('tools/call', { name: 'x' }))).payload.value();
  } finally {
    await connection.close();
    // Nothing of the way to the server is told to the log.
    expect(JSON.stringify(context.logged.all)).not.toContain('passw0rd');
  }
}

async function problemOf({ url, environment = {}, ...options }: Trial): Promise<string> {
  const failure = await failureOf(connectorFor(url, environment)(contextFor({ url, ...options })));
  expect(failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: false });
  expect(JSON.stringify(failure)).not.toContain('passw0rd');
  return failure['problem'] as string;
}

const echoed = { echoed: { name: 'x' } };
const PATHS = [
  ['http', '/mcp'],
  ['http', '/sse'],
  ['ws', '/ws'],
] as const;

let authority: TestAuthority;
let own: Certified;
let client: Certified;

beforeAll(async () => {
  authority = await TestAuthority.create();
  own = await authority.issue(['IP:127.0.0.1', 'DNS:mcp.test'], { use: 'server' });
  client = await authority.issue([], { use: 'client' });
});

describe('TLS', () => {
  const served = (more: object = {}) => serveMcp({ tls: { cert: own.certificate, key: own.key, ...more } });

  test.each(PATHS)('%ss%s trusts the authority that the configuration names', async (scheme, path) => {
    await using server = await served();
    const url = `${scheme}s://127.0.0.1:${server.port}${path}`;
    expect(await callThrough({ url, network: { tls: { ca: authority.certificate } } })).toEqual(echoed);
    const secrets = { 'file:///ca.pem': authority.certificate };
    expect(await callThrough({ url, secrets, network: { tls: { ca: { secret: 'file:///ca.pem' } } } })).toEqual(echoed);
  });

  test.each(PATHS)('%ss%s refuses a certificate of nobody it knows', async (scheme, path) => {
    await using server = await served();
    const url = `${scheme}s://127.0.0.1:${server.port}${path}`;
    expect(await problemOf({ url })).toContain('tls.ca');
    const stranger = await TestAuthority.create();
    expect(await problemOf({ url, network: { tls: { ca: stranger.certificate } } })).toContain('not trusted');
    expect(server.requests).toEqual([]);
  });

  test('refuses a certificate for another name, unless that name is configured', async () => {
    const elsewhere = await authority.issue(['DNS:mcp.test'], { use: 'server' });
    await using server = await served({ cert: elsewhere.certificate, key: elsewhere.key });
    const url = `https://127.0.0.1:${server.port}/mcp`;
    const tls = { ca: authority.certificate };
    expect(await problemOf({ url, network: { tls } })).toContain('another host name');
    expect(await callThrough({ url, network: { tls: { ...tls, serverName: 'mcp.test' } } })).toEqual(echoed);
    expect(await problemOf({ url, network: { tls: { ...tls, serverName: 'other.test' } } })).toContain(
      'another host name',
    );
  });

  describe('with a client certificate', () => {
    const demanding = () => served({ ca: authority.certificate, requestCert: true, rejectUnauthorized: true });

    test.each(PATHS)('%ss%s is let in', async (scheme, path) => {
      await using server = await demanding();
      const tls = { ca: authority.certificate, certificate: client.certificate, key: { secret: 'env://KEY' } };
      const url = `${scheme}s://127.0.0.1:${server.port}${path}`;
      expect(await callThrough({ url, secrets: { 'env://KEY': client.key }, network: { tls } })).toEqual(echoed);
    });

    test.each(PATHS)('%ss%s is kept out without one, or with that of a stranger', async (scheme, path) => {
      await using server = await demanding();
      const url = `${scheme}s://127.0.0.1:${server.port}${path}`;
      const tls = { ca: authority.certificate };
      // In TLS 1.3 a server refuses after the handshake, with an alert or by closing: either may be what is seen.
      const refused = /tls\.certificate|ended before|cannot be reached/;
      expect(await problemOf({ url, network: { tls } })).toMatch(refused);
      const stranger = await (await TestAuthority.create()).issue([], { use: 'client' });
      expect(await problemOf({ url, network: { tls: { ...tls, ...stranger } } })).toMatch(refused);
      expect(server.requests).toEqual([]);
    });
  });

  test('an optional authority that cannot be had is left out and told; the system’s own are asked instead', async () => {
    await using server = await served();
    const url = `https://127.0.0.1:${server.port}/mcp`;
    const tls = { ca: { secret: 'env://CA', optional: true } };
    const context = contextFor({ url, network: { tls } });
    const missing: (readonly MissingSecret[])[] = [];
    const failure = await failureOf(
      connectorFor(url, {})({ ...context, onMissing: (names) => void missing.push(names) }),
    );
    expect(failure['problem']).toContain('not trusted');
    expect(missing.at(-1)).toEqual([{ place: 'tls.ca', reference: 'env://CA', code: 'SECRET_NOT_FOUND' }]);
  });

  test.each(['', 'not PEM: ', '-----BEGIN PRIVATE KEY-----\n'])(
    'a key that is none (%j) is told nowhere',
    async (start) => {
      const tls = { certificate: client.certificate, key: { secret: 'env://KEY' } };
      const url = 'https://127.0.0.1:1/mcp';
      const context = contextFor({ url, secrets: { 'env://KEY': `${start}canary-key-text` }, network: { tls } });
      const error: unknown = await connectorFor(url, {})(context).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ details: { problem: expect.stringContaining('cannot be used') as string } });
      const told = [error, (error as Error).cause, ((error as Error).cause as Error).cause].map((one) => inspect(one));
      expect(`${told.join()} ${JSON.stringify(context.logged.all)}`).not.toContain('canary');
    },
  );

  test.each([
    ['half a pair', () => ({ certificate: client.certificate }), 'belong together'],
    ['a key of another certificate', () => ({ certificate: client.certificate, key: own.key }), 'cannot be used'],
    ['no PEM', () => ({ certificate: 'passw0rd', key: 'passw0rd' }), 'cannot be used'],
    ['no authority', () => ({ ca: 'passw0rd' }), 'holds no certificate'],
  ])('is not begun with %s', async (_, tls, words) => {
    expect(await problemOf({ url: 'https://127.0.0.1:1/mcp', network: { tls: tls() } })).toContain(words);
  });

  test('blocks the server when its key is a secret that is not there', async () => {
    const tls = { certificate: client.certificate, key: { secret: 'env://KEY' } };
    const context = contextFor({ url: 'https://127.0.0.1:1/mcp', network: { tls } });
    await expect(createConnectHttp({ baseEnvironment: {} })(context)).rejects.toMatchObject({
      code: 'SECRET_NOT_FOUND',
    });
  });
});

describe('a proxy', () => {
  test('is sent whole urls for http, and its credentials stay with it', async () => {
    await using server = await serveMcp();
    await using proxy = await serveProxy();
    const address = `http://mcp.test:${server.port}`;
    const environment = { HTTP_PROXY: proxy.url.replace('//', '//user:passw0rd%21@') };
    expect(await callThrough({ url: `${address}/mcp`, environment })).toEqual(echoed);
    expect(await callThrough({ url: `${address}/sse`, environment })).toEqual(echoed);
    const authorization = `Basic ${Buffer.from('user:passw0rd!').toString('base64')}`;
    expect(proxy.asked).toContainEqual({ method: 'POST', target: `${address}/mcp`, authorization });
    expect(proxy.asked).toContainEqual({ method: 'GET', target: `${address}/sse`, authorization });
    expect(proxy.asked).toContainEqual({ method: 'POST', target: `${address}/messages`, authorization });
    for (const { headers } of server.requests) {
      expect(headers['proxy-authorization']).toBeUndefined();
      expect(headers.host).toBe(`mcp.test:${server.port}`);
    }
  });

  test('opens a tunnel for https and for web sockets', async () => {
    await using server = await serveMcp({ tls: { cert: own.certificate, key: own.key } });
    await using plain = await serveMcp();
    await using proxy = await serveProxy();
    const environment = { https_proxy: proxy.url.replace('//', '//user:passw0rd@'), http_proxy: proxy.url };
    const network = { tls: { ca: authority.certificate } };
    for (const [scheme, path] of PATHS) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await callThrough({ url: `${scheme}s://mcp.test:${server.port}${path}`, environment, network });
      expect(answer).toEqual(echoed);
    }
    expect(await callThrough({ url: `ws://mcp.test:${plain.port}/ws`, environment })).toEqual(echoed);
    expect(new Set(proxy.asked.map(({ method, target }) => `${method} ${target}`))).toEqual(
      new Set([`CONNECT mcp.test:${server.port}`, `CONNECT mcp.test:${plain.port}`]),
    );
    expect(server.requests.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true);
  });

  test('that the configuration names is used for this machine too, and none when it says so', async () => {
    await using server = await serveMcp();
    await using proxy = await serveProxy();
    const url = `http://127.0.0.1:${server.port}/mcp`;
    expect(await callThrough({ url, environment: { HTTP_PROXY: proxy.url } })).toEqual(echoed);
    expect(await callThrough({ url, environment: { HTTP_PROXY: proxy.url }, network: { proxy: 'none' } })).toEqual(
      echoed,
    );
    expect(proxy.asked).toEqual([]);
    expect(await callThrough({ url, network: { proxy: proxy.url } })).toEqual(echoed);
    expect(proxy.asked.length).toBeGreaterThan(0);
  });

  test('is left out for the names in NO_PROXY', async () => {
    await using proxy = await serveProxy();
    const environment = { HTTP_PROXY: proxy.url, NO_PROXY: 'example.com, .invalid' };
    expect(await problemOf({ url: 'http://mcp.invalid/mcp', environment })).toContain('host name');
    expect(proxy.asked).toEqual([]);
  });

  test.each([
    [407, 'credentials'],
    [403, '403'],
    [502, '502'],
  ])('that refuses a tunnel with %i is named as what refuses', async (refuse, words) => {
    await using proxy = await serveProxy({ refuse });
    const environment = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url };
    for (const url of ['https://mcp.test/mcp', 'wss://mcp.test/', 'ws://mcp.test/']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const problem = await problemOf({ url, environment });
      expect(problem).toContain('proxy');
      expect(problem).toContain(words);
    }
  });

  test('that wants other credentials for plain HTTP is named too', async () => {
    await using proxy = await serveProxy({ refuse: 407 });
    const problem = await problemOf({ url: 'http://mcp.test/mcp', environment: { HTTP_PROXY: proxy.url } });
    expect(problem).toContain('proxy');
  });

  test('that is not there, or of another kind, is named as such', async () => {
    const url = 'https://mcp.test/mcp';
    expect(await problemOf({ url, environment: { HTTPS_PROXY: 'http://user:passw0rd@127.0.0.1:1' } })).toContain(
      'The proxy on the way to it cannot be reached',
    );
    expect(await problemOf({ url, environment: { ALL_PROXY: 'socks5://user:passw0rd@127.0.0.1:1' } })).toContain(
      'none',
    );
  });
});

describe('a unix socket', () => {
  test.each(PATHS)('carries %s%s', async (scheme, path) => {
    const folder = await mkdtemp(join(tmpdir(), 'net-'));
    const socket = join(folder, 's');
    await using server = await serveMcp({ path: socket });
    const url = `${scheme}://localhost${path}`;
    expect(await callThrough({ url, network: { socket }, environment: { HTTP_PROXY: 'http://127.0.0.1:1' } })).toEqual(
      echoed,
    );
    expect(server.requests.every(({ headers }) => headers.host === 'localhost')).toBe(true);
    await rm(folder, { recursive: true });
  });

  test('that is not there is named as such', async () => {
    expect(await problemOf({ url: 'http://localhost/mcp', network: { socket: '/nonexistent/s' } })).toContain(
      'no socket at the path',
    );
  });
});
