import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { callModern, exchange, temporaryDirectory } from '@hostler/test-kit';
import type { WireMessage } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { bearer, startRig } from './support/consumers-rig.ts';
import { startPersonalUpstream } from './support/personal-upstream.ts';
import { startIssuer } from './support/stand-in-issuer.ts';

/** Gives for the code `xyz` the token of `xyz`, and keeps what it was sent. */
async function startAuthority() {
  const seen: string[] = [];
  let base = '';
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const path = request.url ?? '';
      seen.push(`${path} ${JSON.stringify(request.headers)} ${body}`);
      const json = (value: object, status = 200): unknown =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (path.includes('.well-known/oauth-authorization-server')) {
        return json({
          issuer: base,
          authorization_endpoint: `${base}/authorize`,
          token_endpoint: `${base}/token`,
          registration_endpoint: `${base}/register`,
          response_types_supported: ['code'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['none'],
        });
      }
      if (path === '/register') return json({ ...(JSON.parse(body) as object), client_id: 'registered' }, 201);
      if (path !== '/token') return json({}, 404);
      const code = new URLSearchParams(body).get('code') ?? '';
      if (code === 'bad') return json({ error: 'invalid_grant', error_description: 'words-of-the-issuer' }, 400);
      return json({
        access_token: tokenOf(code),
        refresh_token: `refresh-1q2w3e4r5t6z7u8i-${code}`,
        token_type: 'Bearer',
      });
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: base,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const tokenOf = (user: string): string => `at-9f8e7d6c5b4a3f2e1d0c-${user}`;

async function startAll() {
  const issuer = await startIssuer();
  const authority = await startAuthority();
  const directory = await temporaryDirectory();
  const upstream = await startPersonalUpstream((value) => /^Bearer at-9f8e7d6c5b4a3f2e1d0c-(\w+)$/.exec(value)?.[1]);
  await writeFile(join(directory.path, 'key'), `base64:${randomBytes(32).toString('base64')}`);
  const rig = await startRig({
    servers: { far: { url: upstream.url, era: 'legacy', oauth: { issuer: authority.url } } },
    auth: {
      issuers: {
        main: { issuer: issuer.url, audience: ['hostler'], algorithms: ['ES256'], jwks: `${issuer.url}/jwks` },
      },
    },
    consumers: { people: { tokens: [{ issuer: 'main', claims: { sub: '*' } }] } },
    secrets: { local: { key: { secret: `file://${directory.path}/key` } } },
    state: { directory: join(directory.path, 'state') },
  });
  const headersOf = (sub: string) => ({ ...bearer(issuer.token({ sub })), cookie: 'client-cookie=1' });
  const ask = async (sub: string, method: string, params: object = {}): Promise<WireMessage> => {
    const { messages } = await callModern(`${rig.url}/mcp`, method, { ...params }, { headers: headersOf(sub) });
    return messages.at(-1)!;
  };
  /** Where this user is to agree. */
  const pageOf = async (sub: string): Promise<string> => {
    const { error } = await ask(sub, 'tools/call', { name: 'far__sign_in', arguments: {} });
    return (error as { data: { url: string } }).data.url;
  };
  return {
    rig,
    issuer,
    authority,
    directory,
    upstream,
    ask,
    pageOf,
    async [Symbol.asyncDispose]() {
      for (const part of [rig, upstream, authority, issuer, directory]) {
        // oxlint-disable-next-line no-await-in-loop -- the reverse of the start
        await part[Symbol.asyncDispose]();
      }
    },
  };
}

/** What a person does on the page, in a browser of its own. */
async function goOn(page: string) {
  const shown = await exchange(page, { method: 'GET', headers: {} });
  const cookie = String(shown.headers['set-cookie']).split(';')[0] ?? '';
  const form = /name="form" value="([^"]+)"/.exec(shown.text)?.[1] ?? '';
  const send = (headers: Record<string, string>, value = form) =>
    fetch(page, {
      method: 'POST',
      body: `form=${value}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      redirect: 'manual',
    });
  return { shown, cookie, send };
}

const callback = (url: string, query: Record<string, string>, headers: Record<string, string>) =>
  exchange(`${url}/oauth/callback?${new URLSearchParams(query).toString()}`, { method: 'GET', headers });

it('A-23: only the browser that began a consent ends it, once, and its token is for its user alone', async () => {
  await using all = await startAll();
  const { rig, ask, pageOf } = all;
  const { url } = rig;
  for (const user of ['ann', 'mallory']) {
    // oxlint-disable-next-line no-await-in-loop -- one after another
    await ask(user, 'tools/list');
  }
  const ann = await goOn(await pageOf('ann'));
  const mallory = await goOn(await pageOf('mallory'));
  expect(ann.shown.text).toContain('ann');
  // The page of another site, and forms and cookies that do not belong together.
  expect((await ann.send({ cookie: ann.cookie, origin: 'https://evil.example' })).status).toBe(403);
  expect((await ann.send({ cookie: mallory.cookie })).status).toBe(403);
  expect((await ann.send({ cookie: ann.cookie.replace(/=.*/, mallory.cookie.replace(/^[^=]*/, '')) })).status).toBe(
    403,
  );
  const led = await ann.send({ cookie: ann.cookie });
  expect(led.status).toBe(303);
  const state = new URL(led.headers.get('location') ?? '').searchParams.get('state') ?? '';
  const led2 = await mallory.send({ cookie: mallory.cookie });
  const state2 = new URL(led2.headers.get('location') ?? '').searchParams.get('state') ?? '';
  // Mallory leads ann's browser to her own end, and ends that of ann.
  expect((await callback(url, { state: state2, code: 'ann' }, { cookie: ann.cookie })).status).toBe(403);
  expect((await callback(url, { state, code: 'mallory' }, { cookie: mallory.cookie })).status).toBe(403);
  expect((await callback(url, { state, code: 'mallory' }, {})).status).toBe(403);
  expect((await callback(url, { state: '', code: 'mallory' }, { cookie: ann.cookie })).status).toBe(404);
  // An image on the page of another site.
  const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
  expect((await callback(url, { state, code: 'ann' }, { cookie: ann.cookie, ...image })).status).toBe(403);
  const navigated = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  expect((await callback(url, { state, code: 'ann' }, { cookie: ann.cookie, ...navigated })).status).toBe(200);
  expect((await callback(url, { state, code: 'ann' }, { cookie: ann.cookie })).status).toBe(404);
  const names = async (user: string) =>
    ((await ask(user, 'tools/list')).result as { tools: { name: string }[] }).tools.map(({ name }) => name);
  await expect.poll(() => names('ann'), { timeout: 15_000 }).toContain('far__of_ann');
  expect(await names('mallory')).toEqual(['far__sign_in']);
  expect((await ask('mallory', 'tools/call', { name: 'far__of_ann', arguments: {} })).error).toBeDefined();
  const { result } = await ask('ann', 'tools/call', { name: 'far__whoami', arguments: {} });
  expect(result).toMatchObject({ structuredContent: { user: 'ann' } });
}, 60_000);

it('A-22: neither token, code, state nor verifier of anybody stands where it does not belong', async () => {
  await using all = await startAll();
  const { rig, ask, pageOf, authority, upstream, directory, issuer } = all;
  await ask('ann', 'tools/list');
  const ann = await goOn(await pageOf('ann'));
  const led = await ann.send({ cookie: ann.cookie });
  const state = new URL(led.headers.get('location') ?? '').searchParams.get('state') ?? '';
  const query = { state, code: 'ann', error_description: '<script>reflected</script>' };
  const done = await callback(rig.url, query, { cookie: ann.cookie });
  expect(done.status).toBe(200);
  const page = done.text;
  await ask('ann', 'tools/call', { name: 'far__whoami', arguments: {} });
  const mine = issuer.token({ sub: 'ann' }).slice(0, 60);
  const everywhere = [JSON.stringify(upstream.seen), authority.seen.join('\n')].join('\n');
  expect(everywhere).not.toContain(mine);
  expect(everywhere).not.toContain('client-cookie');
  const verifier = /code_verifier=([^&]+)/.exec(authority.seen.join('\n'))?.[1] ?? 'none';
  for (const secret of [tokenOf('ann'), 'refresh-1q2w3e4r5t6z7u8i', state, verifier]) {
    expect(rig.log()).not.toContain(secret);
    expect(page).not.toContain(secret);
  }
  expect(page).not.toContain('reflected');
  const folder = join(directory.path, 'state', 'oauth');
  const files = await readdir(folder);
  expect(files.filter((file) => file.endsWith('.sealed'))).toHaveLength(2);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  for (const file of files) {
    // oxlint-disable-next-line no-await-in-loop -- a few files
    const [content, { mode }] = await Promise.all([readFile(join(folder, file), 'utf8'), stat(join(folder, file))]);
    expect(mode & 0o777).toBe(0o600);
    expect(content + file).not.toMatch(/at-9f8e|refresh-1q|registered/);
  }
}, 60_000);

it('an authorization server that refuses is not quoted, and the consent is asked for anew', async () => {
  await using all = await startAll();
  const { rig, ask, pageOf } = all;
  await ask('ann', 'tools/list');
  const first = await pageOf('ann');
  const ann = await goOn(first);
  const led = await ann.send({ cookie: ann.cookie });
  const state = new URL(led.headers.get('location') ?? '').searchParams.get('state') ?? '';
  const refused = await callback(rig.url, { state, code: 'bad' }, { cookie: ann.cookie });
  expect(refused.status).toBe(502);
  expect(refused.text + rig.log()).not.toContain('words-of-the-issuer');
  expect(await pageOf('ann')).not.toBe(first);
}, 60_000);
