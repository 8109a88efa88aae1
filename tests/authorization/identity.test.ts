import { callModern, exchange } from '@hostler/test-kit';
import type { HttpAnswer } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { PLACES, mcpDoors, plain } from './doors.ts';
import { ENTRIES } from './entries.ts';
import { bearer, newKey, startGuarded } from './guarded-host.ts';
import type { GuardedHost, Headers } from './guarded-host.ts';
import { startListener } from './things-listener.ts';
import { LISTS } from './things.ts';

const [full, narrow] = [newKey(), newKey()];
const consumers = { full: { keys: [full.entry] }, narrow: { keys: [narrow.entry], servers: ['one'] } };

const NAMED: readonly Headers[] = [
  { 'x-consumer': 'full', 'x-consumer-id': 'full', 'mcp-consumer': 'full' },
  { 'x-user': 'full', 'x-forwarded-user': 'full', 'x-remote-user': 'full', 'x-forwarded-email': 'full' },
  { 'x-client-id': 'full', 'x-tenant': 'full', 'x-on-behalf-of': 'full', 'x-impersonate-user': 'full', from: 'full' },
  { cookie: `consumer=full; token=${full.key}` },
  { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1', 'x-real-ip': '127.0.0.1' },
  { 'x-forwarded-client-cert': 'URI=spiffe://corp/full', 'client-cert': ':MIIB:', 'x-amzn-oidc-identity': 'full' },
  { 'x-original-url': '/servers/two/mcp', 'x-rewrite-url': '/servers/two/mcp', 'x-forwarded-prefix': '/servers/two' },
  { 'x-http-method-override': 'GET', 'x-forwarded-host': 'full.localhost' },
];

describe('A-17 whoever names somebody else', () => {
  it('stays who the credential says, at every entry, in headers, in the query, and in what is asked', async () => {
    await using host = await startGuarded({ consumers });
    for (const [name, entry] of Object.entries(ENTRIES)) {
      for (const headers of [{}, ...NAMED]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await using client = await entry.open(host.url, {}, { ...headers, ...bearer(narrow.key) });
        const own = { consumer: 'full', as: 'full', user: 'full', client_id: 'full' };
        for (const params of [{}, own, { _meta: own }]) {
          // oxlint-disable-next-line no-await-in-loop -- as above
          const { message } = await client.ask(LISTS.tool.method, params);
          const listed = (message?.result as { tools?: { name: string }[] } | undefined)?.tools?.map(
            (tool) => tool.name,
          );
          expect([name, headers, listed]).toEqual([name, headers, ['one__yes', 'one__bad']]);
        }
        // oxlint-disable-next-line no-await-in-loop -- as above
        const { text } = await client.ask('tools/call', { name: 'two__yes', arguments: { consumer: 'full' } });
        expect(text).toContain('ROUTE_NOT_FOUND');
      }
    }
    for (const query of ['?consumer=full', '?as=full&user=full', '?client_id=full&x-consumer=full']) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      const answers = await Promise.all([
        callModern(`${host.url}/mcp${query}`, 'tools/list', {}, { headers: bearer(narrow.key) }),
        exchange(`${host.url}/v1/tools${query}`, { headers: bearer(narrow.key) }),
      ]);
      for (const { text } of answers) expect(text).not.toContain('two__');
    }
    const bad = await exchange(`${host.url}/v1/tools/two__yes/call`, {
      headers: bearer(narrow.key),
      body: { arguments: {}, _meta: { consumer: 'full' } },
    });
    expect([bad.status, host.reached.some(({ body }) => body.includes('tools/call'))]).toEqual([404, false]);
  });

  it('A-19 finds no place of anybody by a name in the path', async () => {
    await using host = await startGuarded({ consumers });
    const patterns = [
      '/consumers/$/mcp',
      '/$/mcp',
      '/mcp/$',
      '/users/$/sse',
      '/clients/$/ws',
      '/v1/consumers/$',
      '/@$/mcp',
    ];
    for (const pattern of patterns) {
      const ask = (name: string): Promise<HttpAnswer> =>
        exchange(host.url + pattern.replace('$', name), { headers: { accept: '*/*', ...bearer(narrow.key) } });
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const [known, unknown] = [await ask('full'), await ask('gone')];
      expect([pattern, plain(known)]).toEqual([pattern, plain(unknown)]);
      expect([pattern, known.status]).toEqual([pattern, 404]);
    }
    // For a stranger everything is the same, whether it is there or not.
    for (const place of PLACES.slice(1)) {
      for (const door of mcpDoors(place)) {
        const here = { headers: door.headers, method: door.method };
        // oxlint-disable-next-line no-await-in-loop -- as above
        const answer = await exchange(host.url + door.path, {
          ...here,
          ...(door.body !== undefined && { body: door.body }),
        });
        expect([door.name, answer.status]).toEqual([door.name, 401]);
      }
    }
  });
});

const FOREIGN: Headers = {
  cookie: 'session=marker-of-a-cookie',
  'proxy-authorization': 'Basic marker-of-a-proxy',
  'x-goog-iap-jwt-assertion': 'marker-of-google',
  'x-goog-authenticated-user-email': 'marker-of-google',
  'x-amzn-oidc-data': 'marker-of-amazon',
  'x-amzn-oidc-accesstoken': 'marker-of-amazon',
  'x-amzn-oidc-identity': 'marker-of-amazon',
  'x-forwarded-client-cert': 'Subject="CN=marker-of-a-certificate"',
  'client-cert': ':bWFya2Vy:',
  'x-auth-token': 'marker-of-a-token',
  'x-csrf-token': 'marker-of-a-token',
  'x-forwarded-for': '203.0.113.77',
  forwarded: 'for=203.0.113.77',
  'x-real-ip': '203.0.113.77',
};

describe('A-22 what a client shows for itself', () => {
  it.each(['authorization', 'x-api-key'])('reaches no server, at any entry: %s', async (header) => {
    await using legacy = await startListener('six', 'legacy');
    await using host = await startGuarded({ consumers, servers: { six: { url: legacy.url } } });
    const headers = { ...FOREIGN, ...(header === 'authorization' ? bearer(full.key) : { [header]: full.key }) };
    await useAll(host, headers);
    for (const { reached } of [host, legacy]) {
      expect(reached.filter(({ body }) => body.includes('"tools/call"')).length).toBeGreaterThan(5);
      const seen = JSON.stringify(reached);
      expect(seen).not.toContain(full.key.slice(0, 24));
      expect(seen).not.toMatch(/marker-of|bWFya2Vy|203\.0\.113\.77/);
      const names = reached.flatMap((each) => each.headers.filter((_, place) => place % 2 === 0));
      expect(names.map((name) => name.toLowerCase()).filter((name) => name === header || name in FOREIGN)).toEqual([]);
    }
    expect(await host.program()).not.toMatch(/marker-of|bWFya2Vy|203\.0\.113\.77|hk_/);
    expect(host.log()).not.toMatch(/marker-of|bWFya2Vy/);
    expect(host.log()).not.toContain(full.key);
  });
});

/** A call of every server at every entry. */
async function useAll({ url }: GuardedHost, headers: Headers): Promise<void> {
  for (const entry of Object.values(ENTRIES)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await using client = await entry.open(url, {}, headers);
    for (const server of ['one', 'two', 'six']) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      const { message } = await client.ask('tools/call', { name: `${server}__yes`, arguments: {} });
      expect(message?.result).toMatchObject({ content: [{ text: server }] });
    }
  }
  for (const server of ['one', 'two', 'six']) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { status } = await exchange(`${url}/v1/tools/${server}__yes/call`, { headers, body: {} });
    expect(status).toBe(200);
  }
}

describe('an address in a header', () => {
  const limited = (more: object = {}) => ({ consumers, limits: { addresses: '100/h' }, ...more });
  const wrong = newKey().key;
  const named = (address: string): readonly Headers[] => [
    { 'x-forwarded-for': address },
    { forwarded: `for="${address.includes(':') ? `[${address}]` : address}"` },
    { 'x-real-ip': address, 'x-client-ip': address, 'true-client-ip': address, 'cf-connecting-ip': address },
  ];

  it('A-20 A-24 makes nobody somebody else: who has guessed is refused from wherever they say they come', async () => {
    await using host = await startGuarded(limited());
    expect((await exchange(`${host.url}/v1/tools`, { headers: bearer(wrong) })).status).toBe(401);
    for (let last = 1; last <= 20; last += 1) {
      for (const headers of named(`203.0.113.${last}`)) {
        for (const path of ['/v1/tools', '/mcp', '/sse', '/metrics', '/livez']) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          const { status } = await exchange(host.url + path, { headers: { ...headers, ...bearer(full.key) } });
          expect([headers, path, status]).toEqual([headers, path, 429]);
        }
      }
    }
  });

  it('A-24 A-25 is believed of a trusted proxy alone, as the last hop says it and by its network', async () => {
    await using host = await startGuarded(limited({ listen: { trustedProxies: ['127.0.0.1'] } }));
    const status = async (forwarded: string, key: string): Promise<number> => {
      const headers = { 'x-forwarded-for': forwarded, ...bearer(key) };
      return (await exchange(`${host.url}/v1/tools`, { headers })).status;
    };
    expect(await status('203.0.113.7', wrong)).toBe(401);
    // Whatever stands left of it was written by the client.
    for (let last = 1; last <= 20; last += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await status(`198.51.100.${last}, 203.0.113.7`, full.key)).toBe(429);
    }
    expect(await status('203.0.113.8', full.key)).toBe(200);
    expect(await status('2001:db8:0:1200::1', wrong)).toBe(401);
    for (let last = 0; last <= 255; last += 15) {
      const part = (0x1200 + last).toString(16);
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect(await status(`2001:db8:0:${part}::${last.toString(16)}`, full.key)).toBe(429);
    }
    expect(await status('2001:db8:0:1300::1', full.key)).toBe(200);
  });
});
