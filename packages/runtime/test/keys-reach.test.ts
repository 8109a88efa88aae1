import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toPlan } from '@hostler/config';
import { DrivenClock } from '@hostler/test-kit';
import { afterEach, expect, it } from 'vitest';
import { createConsumers } from '../src/create-consumers.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }];
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    // oxlint-disable-next-line no-await-in-loop -- two at most
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listenAt(host: string, answer: RequestListener): Promise<{ url: string; connections: () => number }> {
  const server = createServer(answer);
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  servers.push(server);
  return { url: `http://${host}:${(server.address() as AddressInfo).port}`, connections: () => connections };
}

function tokenOf(issuer: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: issuer, aud: 'hostler', sub: 'ann', iat: now, exp: now + 300 };
  const text = `${part({ alg: 'ES256', kid: 'one', typ: 'at+jwt' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/** Who somebody with a token of an issuer is whose keys are elsewhere, as it says itself. */
async function identify(jwksOf: (inner: string) => string, allow: readonly string[] = []) {
  const inner = await listenAt('127.0.0.2', (_request, response) => response.end(JSON.stringify({ keys })));
  const issuer = await listenAt('127.0.0.1', (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: jwksOf(inner.url) }));
  });
  const plan = toPlan(
    {
      servers: {},
      outbound: { allow: [...allow] },
      auth: { issuers: { main: { issuer: issuer.url, audience: ['hostler'], algorithms: ['ES256'] } } },
      consumers: { a: { tokens: [{ issuer: 'main', claims: { sub: 'ann' } }] } },
    },
    { source: '/hostler.yaml' },
  );
  const closing = new AbortController();
  const secrets = { resolve: () => Promise.reject(new Error('none')), onChange: () => () => undefined };
  const consumers = createConsumers({ plan, secrets, clock: new DrivenClock(), log: silent, closing: closing.signal });
  try {
    const found = consumers.identify({ authorization: `Bearer ${tokenOf(issuer.url)}` }, closing.signal);
    return { name: (await found).name, connections: inner.connections() };
  } catch (error) {
    return { code: (error as { code?: string }).code, connections: inner.connections() };
  } finally {
    closing.abort();
  }
}

it.each<[name: string, jwksOf: (inner: string) => string]>([
  ['at another host of this network', (inner) => inner],
  ['there, over TLS', (inner) => inner.replace('http', 'https')],
  ['at the metadata service of a cloud', () => 'https://169.254.169.254/latest'],
  ['in clear', () => 'http://example.com/keys'],
  ['in a file', () => 'file:///etc/passwd'],
])('keys that an issuer says are %s are not read', async (_, jwksOf) => {
  expect(await identify(jwksOf)).toEqual({ code: expect.stringMatching(/^AUTH_/), connections: 0 });
});

it('they are read where the operator allows that', async () => {
  expect(await identify((inner) => inner, ['127.0.0.2'])).toEqual({ name: 'a', connections: 1 });
});
