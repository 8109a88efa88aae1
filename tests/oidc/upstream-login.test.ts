import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { temporaryDirectory } from '@hostler/test-kit';
import type { TemporaryDirectory } from '@hostler/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Served } from '../serve.ts';
import { agreeingKinds, modernClient } from './agreeing-client.ts';
import { serveExchanging, serveFar, serveNear } from './far-hosts.ts';
import type { NearHost } from './far-hosts.ts';
import { MACHINE, startOpenIdProvider } from './openid-provider.ts';
import type { OpenIdProvider } from './openid-provider.ts';
import { SigningIn } from './signing-in.ts';
import { TOKEN_EXCHANGE } from './token-exchange.ts';

const realNow = Date.now.bind(Date);
let skipped = 0;
let provider: OpenIdProvider;
let far: Served;
let folder: TemporaryDirectory;
let near: NearHost;

beforeAll(async () => {
  // Before anybody takes it: the hosts and the provider see the same time pass.
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + skipped);
  provider = await startOpenIdProvider();
  far = await serveFar(provider.issuer);
});
afterAll(async () => {
  await far?.close();
  await provider?.close();
  vi.restoreAllMocks();
});
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(async () => {
  provider.signInAs('ada');
  await near?.close();
  await folder[Symbol.asyncDispose]();
});

async function start(oauth: object = {}, keys?: NearHost['keys']): Promise<void> {
  const servers = { far: { url: `${far.url}/mcp`, oauth: oauth as never } };
  near = await serveNear({ directory: folder.path, servers, ...(keys && { keys }) });
}

const info = { name: 'interop', version: '1.0.0' };
/** @param who the name of a consumer with a key, or a token */
const connect = (who: string, kind = modernClient) => kind.connect(`${near.url}/mcp`, near.keys[who] ?? who);
const echo = { message: 'far away' };

interface Answer {
  readonly status: number;
  readonly body: { readonly grants?: readonly { readonly id: string }[]; readonly code?: string };
}

async function ask(name: string, method: string, path: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${near.keys[name] ?? ''}` };
  const response = await fetch(near.url + path, { method, headers });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] };
}

describe('a user agrees at the server’s own provider', () => {
  it.each(agreeingKinds)('the call goes on, and the next one asks for nothing: $name', async (kind) => {
    await start();
    await using client = await connect('ada', kind);
    expect(await client.toolNames()).toEqual(['far__sign_in']);
    expect(await client.call('far__everything__echo', echo)).toBe('Echo: far away');
    expect(client.pages).toHaveLength(1);
    expect(await client.call('far__everything__echo', echo)).toBe('Echo: far away');
    expect(client.pages).toHaveLength(1);
    expect(await client.toolNames()).toEqual(['far__everything__echo']);
  });

  it('two users have a token each, and never each other’s', async () => {
    await start();
    await using ada = await connect('ada');
    await using bob = await connect('bob');
    expect(await ada.call('far__sign_in')).toContain('signed in');
    expect(await bob.toolNames()).toEqual(['far__sign_in']);
    provider.signInAs('bob');
    expect(await bob.call('far__sign_in')).toContain('signed in');
    expect([await ada.toolNames(), await bob.toolNames()]).toEqual([
      ['far__everything__echo'],
      ['far__everything__get-sum'],
    ]);
    await expect(bob.call('far__everything__echo', echo)).rejects.toThrow(/unknown|no tool|not found/i);
    expect([ada.pages.length, bob.pages.length]).toEqual([1, 1]);
  });
});

/** Everything that the host keeps, as it is on the disk. */
async function kept(): Promise<string> {
  const names = await readdir(folder.path, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  return (await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')))).join('\n');
}

describe('what a user has agreed to', () => {
  it('outlives the host, and is nowhere in clear', async () => {
    const before = provider.tokens().length;
    await start();
    {
      await using client = await connect('ada');
      await client.call('far__everything__echo', echo);
    }
    const log = near.log();
    await near.close();
    await start({}, near.keys);
    await using again = await connect('ada');
    expect(await again.call('far__everything__echo', echo)).toBe('Echo: far away');
    expect(again.pages).toEqual([]);
    const [files, given] = [await kept(), provider.tokens().slice(before)];
    expect(given.length).toBeGreaterThanOrEqual(2);
    for (const text of [files, log, near.log(), far.log()]) {
      expect(given.filter((token) => text.includes(token))).toEqual([]);
    }
  });

  it('is renewed without the user when the token has ended', async () => {
    await start();
    await using client = await connect('ada');
    await client.call('far__everything__echo', echo);
    const before = provider.grants().length;
    skipped += 580_000;
    const calls = [1, 2, 3].map(() => client.call('far__everything__echo', echo));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 3 }, () => 'Echo: far away'));
    expect(provider.grants().slice(before)).toEqual(['refresh_token']);
    expect(client.pages).toHaveLength(1);
  });

  it('is seen and given up by the user, and by an operator for everybody', async () => {
    await start();
    await using ada = await connect('ada');
    await ada.call('far__everything__echo', echo);
    const { body } = await ask('ada', 'GET', '/v1/oauth/grants');
    expect(body.grants).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{64}$/),
        server: 'far',
        consumer: 'ada',
        issuer: provider.issuer,
        scope: expect.stringContaining('mcp:use'),
        obtainedAt: expect.stringMatching(/^2\d{3}-.*Z$/),
        renewable: true,
      },
    ]);
    const id = body.grants?.[0]?.id ?? '';
    expect((await ask('bob', 'GET', '/v1/oauth/grants')).body).toEqual({ grants: [] });
    expect((await ask('operator', 'GET', '/v1/oauth/grants')).body).toEqual(body);
    const path = `/v1/oauth/grants/${id}`;
    const unknown = await ask('operator', 'DELETE', `/v1/oauth/grants/${'0'.repeat(64)}`);
    expect(unknown).toMatchObject({ status: 404, body: { code: 'OAUTH_GRANT_UNKNOWN' } });
    const foreign = await ask('bob', 'DELETE', path);
    expect({ ...foreign.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
    for (const name of ['operator', 'ada']) {
      expect((await ask(name, 'DELETE', path)).status).toBe(204);
      expect((await ask(name, 'DELETE', path)).status).toBe(404);
      expect(await ada.call('far__everything__echo', echo)).toBe('Echo: far away');
    }
    expect(ada.pages).toHaveLength(3);
  });

  it('is forgotten with the server, and not shown to another URL', async () => {
    await start();
    await using ada = await connect('ada');
    await ada.call('far__everything__echo', echo);
    const { plan } = near.runtime;
    const [spec] = plan.servers;
    if (spec?.transport.kind !== 'http') throw new Error('no server');
    const elsewhere = { ...spec, transport: { ...spec.transport, url: `${far.url}/mcp?elsewhere` } };
    await near.runtime.apply({ ...plan, servers: [elsewhere] });
    await vi.waitFor(async () => expect(await near.runtime.tokens.list()).toEqual([]), { timeout: 20_000 });
    expect(await ada.toolNames()).toEqual(['far__sign_in']);
    await near.runtime.apply(plan);
    await ada.call('far__everything__echo', echo);
    expect(await near.runtime.tokens.list()).toHaveLength(1);
    await near.runtime.apply({ ...plan, servers: [], written: {} });
    await vi.waitFor(async () => expect(await near.runtime.tokens.list()).toEqual([]), { timeout: 20_000 });
    expect(ada.pages).toHaveLength(2);
  });

  it('is forgotten with a server that went while the host did not run', async () => {
    await start();
    {
      await using ada = await connect('ada');
      await ada.call('far__everything__echo', echo);
    }
    const { keys } = near;
    await near.close();
    near = await serveNear({ directory: folder.path, servers: {}, keys });
    await vi.waitFor(async () => expect(await near.runtime.tokens.list()).toEqual([]), { timeout: 20_000 });
    expect((await readdir(join(folder.path, 'oauth'))).filter((name) => name.endsWith('.sealed'))).toHaveLength(1);
  });

  it('is asked for at the address that browsers reach by now', async () => {
    await start();
    await near.runtime.apply({
      ...near.runtime.plan,
      auth: { ...near.runtime.plan.auth, resource: 'https://host.example/here/mcp' },
    });
    const { desk } = near.runtime.tokens;
    expect([desk.origin, desk.isSecure]).toEqual(['https://host.example', true]);
  });
});

describe('without a person', () => {
  const client = { clientId: MACHINE.id, clientSecret: { secret: 'env://MACHINE_SECRET' } };

  it('the host has a token of its own, for everybody', async () => {
    const before = provider.grants().length;
    await start({ ...client, grant: 'client-credentials', issuer: provider.issuer });
    await using ada = await connect('ada');
    await using bob = await connect('bob');
    expect(await ada.toolNames()).toEqual(['far__everything__get-tiny-image']);
    expect(await bob.toolNames()).toEqual(['far__everything__get-tiny-image']);
    await bob.call('far__everything__get-tiny-image');
    expect(provider.grants().slice(before)).toEqual(['client_credentials']);
    expect((await ask('operator', 'GET', '/v1/oauth/grants')).body).toEqual({ grants: [] });
  });

  it('the token of the caller is exchanged for one of the same user, at the issuer alone', async () => {
    const before = provider.grants().length;
    const servers = {
      far: { url: `${far.url}/mcp`, oauth: { ...client, grant: 'token-exchange', issuer: provider.issuer } },
    };
    near = await serveExchanging(provider.issuer, servers);
    const results: string[][] = [];
    for (const account of ['ada', 'bob']) {
      provider.signInAs(account);
      const authProvider = new SigningIn();
      const first = new StreamableHTTPClientTransport(new URL(`${near.url}/mcp`), { authProvider });
      // oxlint-disable-next-line no-await-in-loop -- one user after the other
      await new Client(info).connect(first).catch(() => undefined);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await first.finishAuth(authProvider.returned ?? new URLSearchParams());
      await using person = await connect(authProvider.accessToken);
      // oxlint-disable-next-line no-await-in-loop -- as above
      results.push([...(await person.toolNames())]);
    }
    expect(results).toEqual([['far__everything__echo'], ['far__everything__get-sum']]);
    expect(
      provider
        .grants()
        .slice(before)
        .filter((grant) => grant === TOKEN_EXCHANGE),
    ).toHaveLength(2);
  });
});
