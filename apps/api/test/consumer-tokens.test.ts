import { expect, it } from 'vitest';
import { exchange, openExchange, openLegacySession } from '@hostler/test-kit';
import { bearer, faces, startRig } from './support/consumers-rig.ts';
import type { Settings } from './support/consumers-rig.ts';
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
  await using issuer = await startIssuer();
  await using rig = await startRig(settingsFor(issuer.url));
  // Expired, as far as clocks may be off: good for two seconds more, at every door.
  const first = await openLegacySession(`${rig.url}/mcp`, { headers: bearer(issuer.token({ sub: 'ann' }, -28)) });
  const stream = await first.listen();
  const renewed = { ...first.headers, ...bearer(issuer.token({ sub: 'ann' })) };
  const begun = performance.now();
  await stream.finish();
  expect(performance.now() - begun).toBeLessThan(4_000);
  await using again = await openExchange(`${rig.url}/mcp`, { headers: { accept: 'text/event-stream', ...renewed } });
  expect(again.status).toBe(200);
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  expect((await exchange(`${rig.url}/mcp`, { headers: renewed, body })).status).toBe(200);
});
