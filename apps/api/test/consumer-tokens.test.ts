import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exchange, openExchange, openLegacySession, temporaryDirectory } from '@hostler/test-kit';
import { expect, it, vi } from 'vitest';
import { bearer, faces, startRig } from './support/consumers-rig.ts';
import type { Settings } from './support/consumers-rig.ts';
import { startPatientClock } from './support/patient-clock.ts';
import { startIssuer } from './support/stand-in-issuer.ts';

function settingsFor(url: string): Settings {
  return {
    auth: {
      resource: 'https://mcp.example.com',
      issuers: { main: { issuer: url, audience: ['hostler'], algorithms: ['ES256'], jwks: `${url}/jwks` } },
    },
    consumers: { a: { tokens: [{ issuer: 'main', claims: { sub: 'ann' } }], servers: ['one'] } },
  };
}

it('a token of a configured issuer lets its consumer in on every face, and one of nobody does not', async () => {
  await using issuer = await startIssuer();
  await using rig = await startRig(settingsFor(issuer.url));
  const headers = bearer(issuer.token({ sub: 'ann' }));
  for (const open of Object.values(faces)) {
    await using client = await open(rig.url, headers);
    const { result } = await client.ask('tools/call', { name: 'one__echo', arguments: { x: 1 } });
    expect(result).toMatchObject({ structuredContent: { x: 1 } });
  }
  const list = async (token: string) => {
    const answer = await exchange(`${rig.url}/v1/tools`, { headers: bearer(token) });
    return [answer.status, (JSON.parse(answer.text) as { code?: string }).code, answer.headers['www-authenticate']];
  };
  const resource = 'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource"';
  expect(await list(issuer.token({ sub: 'eve' }))).toEqual([403, 'AUTH_FORBIDDEN', `Bearer ${resource}`]);
  expect((await list(issuer.token({ sub: 'ann', aud: 'other' })))[0]).toBe(401);
  const [status, , challenge] = await list(issuer.token({ sub: 'ann' }, -3_600));
  expect([status, challenge]).toEqual([401, `Bearer error="invalid_token", ${resource}`]);
  expect(rig.log()).not.toContain(headers['authorization']!.slice(7));
});

it('a stream ends with the token it was opened with, and the session goes on with a fresh one', async () => {
  const today = Date.now;
  let later = 0;
  using _time = vi.spyOn(Date, 'now').mockImplementation(() => today() + later);
  await using issuer = await startIssuer();
  await using clock = startPatientClock();
  await using rig = await startRig(settingsFor(issuer.url), { clock });
  // Expired, as far as clocks may be off: good for twenty seconds more, at every door.
  const first = await openLegacySession(`${rig.url}/mcp`, { headers: bearer(issuer.token({ sub: 'ann' }, -10)) });
  const stream = await first.listen();
  later = 20_000;
  const renewed = { ...first.headers, ...bearer(issuer.token({ sub: 'ann' })) };
  const begun = clock.now();
  await stream.finish();
  expect(clock.now() - begun).toBeLessThan(2_000);
  await using again = await openExchange(`${rig.url}/mcp`, { headers: { accept: 'text/event-stream', ...renewed } });
  expect(again.status).toBe(200);
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  expect((await exchange(`${rig.url}/mcp`, { headers: renewed, body })).status).toBe(200);
});

const METADATA = 'https://mcp.example.com/.well-known/oauth-protected-resource';

it('a client is told which scopes to ask for, at first and when its token lacks some', async () => {
  await using issuer = await startIssuer();
  const { auth } = settingsFor(issuer.url);
  const { main } = auth?.issuers ?? {};
  if (main === undefined) throw new Error('no issuer');
  await using rig = await startRig({
    auth: { ...auth, issuers: { main: { ...main, scopes: ['mcp:use'] } } },
    consumers: { a: { tokens: [{ issuer: 'main', claims: { sub: 'ann' }, scopes: ['mcp:write'] }] } },
  });
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const list = async (headers: Record<string, string>, url: string, posted?: object) => {
    const answer = await exchange(url, { headers, ...(posted && { body: posted }) });
    return [answer.status, answer.headers['www-authenticate'], answer.text] as const;
  };
  for (const [url, posted] of [[`${rig.url}/v1/tools`], [`${rig.url}/mcp`, body]] as const) {
    const [none, asked] = await list({}, url, posted);
    expect([none, asked]).toEqual([401, `Bearer scope="mcp:use", resource_metadata="${METADATA}"`]);
    const [status, challenge, text] = await list(bearer(issuer.token({ sub: 'ann', scope: 'mcp:use' })), url, posted);
    expect([status, challenge]).toEqual([
      403,
      `Bearer error="insufficient_scope", scope="mcp:use mcp:write", resource_metadata="${METADATA}"`,
    ]);
    expect(text).toContain('mcp:use mcp:write');
    const whole = bearer(issuer.token({ sub: 'ann', scope: 'mcp:write mcp:use' }));
    expect((await list(whole, `${rig.url}/v1/tools`))[0]).toBe(200);
  }
  const metadata = await exchange(`${rig.url}/.well-known/oauth-protected-resource`);
  expect(JSON.parse(metadata.text)).toEqual({
    resource: 'https://mcp.example.com',
    authorization_servers: [issuer.url],
    scopes_supported: ['mcp:use'],
    bearer_methods_supported: ['header'],
  });
});

it('the header that a proxy signs lets its consumer in on every face, and is the only credential', async () => {
  await using issuer = await startIssuer();
  const iap = 'https://cloud.google.com/iap';
  await using rig = await startRig({
    auth: { issuers: { proxy: { type: 'google-iap', audience: ['backend'], jwks: `${issuer.url}/jwks` } } },
    consumers: { a: { tokens: [{ issuer: 'proxy', claims: { sub: 'ann' } }], servers: ['one'] } },
  });
  const assertion = issuer.token({ iss: iap, aud: 'backend', sub: 'ann' });
  const headers = { 'x-goog-iap-jwt-assertion': assertion };
  for (const open of Object.values(faces)) {
    await using client = await open(rig.url, headers);
    const { result } = await client.ask('tools/call', { name: 'one__echo', arguments: { x: 1 } });
    expect(result).toMatchObject({ structuredContent: { x: 1 } });
  }
  const status = async (sent: Record<string, string>): Promise<number> =>
    (await exchange(`${rig.url}/v1/tools`, { headers: sent })).status;
  expect(await status(headers)).toBe(200);
  expect(await status({})).toBe(401);
  expect(await status({ ...headers, ...bearer('x') })).toBe(401);
  expect(await status(bearer(assertion))).toBe(401);
  expect(await status({ 'x-amzn-oidc-data': assertion })).toBe(401);
  expect(rig.log()).not.toContain(assertion.slice(-40));
});

it('an opaque token is asked about as the configuration says, and the secret for it is one of the host’s', async () => {
  const questions: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    questions.push(request.headers.authorization);
    response.end(JSON.stringify({ active: true, sub: 'ann', aud: 'hostler', token_type: 'Bearer' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const directory = await temporaryDirectory();
  const path = join(directory.path, 'secret');
  await writeFile(path, 'word');
  await using rig = await startRig({
    auth: {
      resource: 'https://mcp.example.com',
      issuers: {
        main: {
          type: 'introspection',
          issuer: url,
          audience: ['hostler'],
          url: `${url}/introspect`,
          clientId: 'host',
          clientSecret: { secret: `file://${path}` },
        },
      },
    },
    consumers: { a: { tokens: [{ issuer: 'main', claims: { sub: 'ann' } }], servers: ['one'] } },
  });
  expect((await exchange(`${rig.url}/v1/tools`, { headers: bearer('opaque') })).status).toBe(200);
  expect((await exchange(`${rig.url}/v1/tools`, { headers: bearer('opaque') })).status).toBe(200);
  expect(questions).toEqual([`Basic ${Buffer.from('host:word').toString('base64')}`]);
  expect(rig.runtime.secrets.list()).toEqual([
    expect.objectContaining({ reference: `file://${path}`, usedBy: ['auth.issuers.main.clientSecret'] }),
  ]);
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  await directory[Symbol.asyncDispose]();
});
