import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chaosServer, openLegacySession, temporaryDirectory } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { bearer, faces, startRig } from './support/consumers-rig.ts';
import type { FaceClient, Settings } from './support/consumers-rig.ts';
import { startPersonalUpstream } from './support/personal-upstream.ts';
import { startIssuer } from './support/stand-in-issuer.ts';

const LIST_CHANGED = 'notifications/tools/list_changed';
const USERS = ['ann', 'bob'] as const;
type User = (typeof USERS)[number];

/** Two servers, of which each user has secrets of its own: a program and one on the network. */
async function startAll() {
  const issuer = await startIssuer();
  const directory = await temporaryDirectory();
  const holders = new Map<string, User>();
  const upstream = await startPersonalUpstream((value) => holders.get(value));
  const write = async (user: User, secret: string): Promise<void> => {
    holders.set(`Bearer ${secret}`, user);
    await mkdir(join(directory.path, user), { recursive: true });
    await writeFile(join(directory.path, user, 'token'), secret);
  };
  for (const user of USERS) {
    // oxlint-disable-next-line no-await-in-loop -- two small files
    await write(user, `first-secret-of-${user}`);
  }
  const { command, args } = chaosServer();
  const secret = `file://${directory.path}/{sub}/token`;
  const settings: Settings = {
    servers: {
      local: { command, args: [...args], env: { TOKEN: { secret } } },
      far: { url: upstream.url, headers: { authorization: { secret, format: 'Bearer {}' } } },
    },
    auth: {
      resource: 'https://mcp.example.com',
      issuers: {
        main: { issuer: issuer.url, audience: ['hostler'], algorithms: ['ES256'], jwks: `${issuer.url}/jwks` },
      },
    },
    // One consumer for all of them: only the claims tell its people apart.
    consumers: { people: { tokens: [{ issuer: 'main', claims: { sub: '*' } }] } },
  };
  const rig = await startRig(settings);
  return {
    rig,
    issuer,
    upstream,
    settings,
    write,
    async [Symbol.asyncDispose]() {
      for (const part of [rig, upstream, issuer, directory]) {
        // oxlint-disable-next-line no-await-in-loop -- the reverse of the start
        await part[Symbol.asyncDispose]();
      }
    },
  };
}

const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');

async function check(client: FaceClient, user: User, secret: string, prefix: (server: string) => string) {
  const far = prefix('far');
  const local = prefix('local');
  if (far !== '-') {
    const { result } = await client.ask('tools/list');
    const names = (result as { tools: { name: string }[] }).tools.map(({ name }) => name);
    expect(names).toContain(`${far}of_${user}`);
    expect(names.filter((name) => /of_(ann|bob)$/.test(name))).toEqual([`${far}of_${user}`]);
    const calls = await Promise.all(
      Array.from({ length: 5 }, (_, call) => client.ask('tools/call', { name: `${far}whoami`, arguments: { call } })),
    );
    calls.forEach(({ result: answer }, call) => expect(answer).toMatchObject({ structuredContent: { user, call } }));
  }
  if (local === '-') return;
  const { result } = await client.ask('tools/call', { name: `${local}digest-env`, arguments: {} });
  expect(result).toMatchObject({ structuredContent: { TOKEN: digest(secret) } });
}

/** Every face, at the whole host and at each server alone, for both users at the same time. */
async function checkAll(all: Awaited<ReturnType<typeof startAll>>, generation: string): Promise<void> {
  const { rig, issuer } = all;
  const ways = Object.values(faces).flatMap((open) =>
    [undefined, 'far', 'local'].flatMap((server) => USERS.map((user) => ({ open, server, user }))),
  );
  await Promise.all(
    ways.map(async ({ open, server, user }) => {
      const path = server === undefined ? '' : `/servers/${server}`;
      await using client = await open(rig.url, bearer(issuer.token({ sub: user })), path);
      const prefix = (one: string): string => (server === undefined ? `${one}__` : server === one ? '' : '-');
      await check(client, user, `${generation}-secret-of-${user}`, prefix);
    }),
  );
}

it('two people of one consumer never meet each other’s credentials, tools and answers', async () => {
  await using all = await startAll();
  const { rig, issuer, upstream, write, settings } = all;
  await checkAll(all, 'first');
  // As many processes as there are sets of credentials, and none for nobody.
  expect(rig.runtime.host.servers()).toMatchObject([
    { name: 'local', status: 'up', phase: 'ready' },
    { name: 'far', status: 'up', phase: 'ready' },
  ]);
  expect(rig.log().match(/the server is up/g)).toHaveLength(4);

  for (const user of USERS) {
    // oxlint-disable-next-line no-await-in-loop -- two small files
    await write(user, `second-secret-of-${user}`);
  }
  const { failed, servers } = await rig.runtime.secrets.rotate({}, AbortSignal.timeout(20_000));
  expect({ failed, servers: servers.map(({ outcome }) => outcome) }).toEqual({
    failed: [],
    servers: ['renewed', 'renewed'],
  });
  await checkAll(all, 'second');

  // Started anew by a change of its settings.
  const changed = { ...settings.servers, far: { ...settings.servers!['far'], timeout: '20s' } };
  await rig.write({ ...settings, servers: changed as never });
  await rig.runtime.reload();
  await checkAll(all, 'second');

  const shown = [...new Set(upstream.seen.map(({ headers }) => headers.authorization ?? ''))].toSorted();
  expect(shown).toEqual(['first', 'second'].flatMap((one) => USERS.map((user) => `Bearer ${one}-secret-of-${user}`)));
  // What the client shows for itself goes no further.
  const token = issuer.token({ sub: 'ann' });
  expect(JSON.stringify(upstream.seen)).not.toContain(token.slice(0, 40));
  expect(rig.log()).not.toMatch(/(first|second)-secret-of/);
}, 120_000);

it('a caller whose claims make no reference gets nothing of such a server, and what it shows is not repeated', async () => {
  await using all = await startAll();
  const { rig, issuer, upstream } = all;
  for (const sub of ['../ann', 'ann/../bob', '.ann', 'ann\n', 'x'.repeat(129)]) {
    const headers = bearer(issuer.token({ sub }));
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await using client = await faces['Streamable HTTP, modern']!(rig.url, headers);
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { result } = await client.ask('tools/list');
    expect(result).toMatchObject({ tools: [] });
    // oxlint-disable-next-line no-await-in-loop -- as above
    const alone = await faces['Streamable HTTP, modern']!(rig.url, headers, '/servers/local');
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { error } = await alone.ask('tools/call', { name: 'ok', arguments: {} });
    expect(error).toMatchObject({ code: -32013, data: { code: 'SECRET_CLAIM_REFUSED', claim: 'sub' } });
    expect(JSON.stringify(error)).not.toContain('ann');
  }
  expect(upstream.seen).toEqual([]);
  expect(rig.log()).not.toContain('the server is up');
}, 60_000);

it('what one caller’s server says outside of calls is for that caller, also where clients can be asked', async () => {
  await using all = await startAll();
  const { rig, issuer } = all;
  const opened = await Promise.all(
    USERS.flatMap((user) =>
      [{}, { elicitation: {} }].map(async (capabilities) => {
        const headers = bearer(issuer.token({ sub: user }));
        const session = await openLegacySession(`${rig.url}/mcp`, { headers, capabilities });
        const stream = await session.listen();
        await session.call('tools/list');
        const { messages } = await session.call('tools/call', { name: 'local__digest-env', arguments: {} });
        expect(messages.at(-1)?.result).toMatchObject({
          structuredContent: { TOKEN: digest(`first-secret-of-${user}`) },
        });
        return { user, session, stream };
      }),
    ),
  );
  const [ann] = opened;
  await ann!.session.call('tools/call', { name: 'local__list-changed', arguments: {} });
  await ann!.stream.nextMessage(({ method }) => method === LIST_CHANGED);
  // Were they told of it too, they would have been before this.
  for (const { user, stream, session } of opened) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { messages } = await session.call('tools/call', { name: 'far__whoami', arguments: {} });
    expect(messages.at(-1)?.result).toMatchObject({ structuredContent: { user } });
    // oxlint-disable-next-line no-await-in-loop -- as above
    await session.end();
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { text } = await stream.finish();
    // Ann’s other client can be asked, so that a process of its own serves it.
    expect(text.includes(LIST_CHANGED)).toBe(session === ann!.session);
  }
}, 60_000);
