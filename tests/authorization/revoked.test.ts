import { openExchange } from '@hostler/test-kit';
import type { OpenExchange } from '@hostler/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describedOperations, knock, mcpDoors, plainDoors } from './doors.ts';
import type { Door } from './doors.ts';
import { ENTRIES } from './entries.ts';
import type { EntryClient } from './entries.ts';
import { bearer, newKey, startGuarded } from './guarded-host.ts';
import type { GuardedHost, Headers, Settings } from './guarded-host.ts';
import { issuerSettings, startIssuer } from './issuer.ts';
import type { Issuer } from './issuer.ts';

const [revoked, kept] = [newKey(), newKey()];
const CONSUMER_PLACES = [{}, { server: 'one' }, { bundle: 'pair' }] as const;
const PATHS = ['', '/servers/one', '/bundles/pair'] as const;

let issuer: Issuer;
let host: GuardedHost;
let doors: readonly Door[];
beforeAll(async () => {
  issuer = await startIssuer();
  host = await startGuarded(settings(true));
  const operations = await describedOperations(host.url, bearer(kept.key));
  doors = [...PATHS.flatMap(mcpDoors), ...plainDoors(operations)];
});
afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
});

function settings(isThere: boolean): Settings {
  return {
    auth: { resource: 'https://mcp.example.com/mcp', issuers: { main: issuerSettings(issuer) } },
    bundles: { pair: {} },
    consumers: {
      one: {
        keys: isThere ? [revoked.entry] : [],
        tokens: isThere ? [{ issuer: 'main', claims: { sub: 'ann' } }] : [],
        roles: ['admin'],
      },
      two: { keys: [kept.entry], roles: ['admin'] },
    },
  };
}

/** Everything that can be held open: sessions, their streams, subscriptions. Ends when the host ends them all. */
async function openAll(headers: Headers) {
  const streams: OpenExchange[] = [];
  for (const path of PATHS) {
    const options = { headers: { accept: 'text/event-stream', ...headers }, timeout: 60_000 };
    // oxlint-disable-next-line no-await-in-loop -- a handful
    streams.push(await openExchange(`${host.url}${path}/sse`, options));
    const listening = mcpDoors(path).find(({ name }) => name.includes('subscriptions/listen'));
    // oxlint-disable-next-line no-await-in-loop -- as above
    const stream = await openExchange(`${host.url}${path}/mcp`, {
      headers: { ...listening?.headers, ...headers },
      body: listening?.body,
      timeout: 60_000,
    });
    // oxlint-disable-next-line no-await-in-loop -- as above
    await stream.nextMessage();
    streams.push(stream);
  }
  const clients: EntryClient[] = [];
  for (const entry of Object.values(ENTRIES)) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    clients.push(...(await Promise.all(CONSUMER_PLACES.map((place) => entry.open(host.url, place, headers)))));
  }
  return {
    clients,
    open: () => streams.length,
    ended: Promise.all(streams.map((stream) => stream.finish().catch(() => undefined))),
    close: () => streams.forEach((stream) => stream.close()),
  };
}

const isLetIn = async (client: EntryClient): Promise<boolean> =>
  (await client.ask('tools/list', {})).message?.result !== undefined;

it.each([
  ['a key', () => bearer(revoked.key), 401],
  ['a token rule', () => bearer(issuer.token()), 403],
] as const)('A-14 %s that is taken back ends every session and stream, and opens nothing', async (_, shown, status) => {
  await host.apply(settings(true));
  const held = await openAll(shown());
  const others = await openAll(bearer(kept.key));
  let isOver = false;
  void others.ended.then(() => (isOver = true));
  expect(await Promise.all(held.clients.map(isLetIn))).toEqual(held.clients.map(() => true));
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 10);
  await host.apply(settings(false));
  await held.ended;
  const refused = async (door: Door): Promise<readonly string[]> => {
    const answer = await knock(host.url, door, shown());
    return answer.status === status ? [] : [`${door.name}: ${answer.status}`];
  };
  expect((await Promise.all(doors.map(refused))).flat()).toEqual([]);
  clearInterval(counting);
  // Five seconds, of which those in which the machine had no turn for this process do not count.
  expect(turns).toBeLessThan(500);
  // What was opened with it is over as well, and nobody else has noticed.
  expect(await Promise.all(held.clients.map(isLetIn))).toEqual(held.clients.map(() => false));
  expect(await Promise.all(others.clients.map(isLetIn))).toEqual(others.clients.map(() => true));
  expect(isOver).toBe(false);
  others.close();
  await Promise.all([...held.clients, ...others.clients].map((client) => client[Symbol.asyncDispose]()));
});
