import { exchange, sendBytes } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLACES, describedOperations, knock, mcpDoors, plain, plainDoors } from './doors.ts';
import type { Door } from './doors.ts';
import { bearer, newKey, startGuarded } from './guarded-host.ts';
import type { GuardedHost } from './guarded-host.ts';
import { injections } from './injections.ts';
import { issuerSettings, startIssuer } from './issuer.ts';
import type { Issuer } from './issuer.ts';
import { REFUSED } from './refused-cases.ts';
import { wrongCredentials } from './wrong-credentials.ts';
import type { Wrong } from './wrong-credentials.ts';

const [full, other, expired, revoked, unknown] = [
  newKey(),
  newKey(),
  newKey({ expires: '2020-01-01' }),
  newKey(),
  newKey(),
];
const METADATA = 'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"';

const begun = performance.now();
let issuer: Issuer;
let second: Issuer;
let host: GuardedHost;
let doors: readonly Door[];
let wrongs: readonly Wrong[];
/** By door: the answer to a key that nobody has. */
let refusals: ReadonlyMap<Door, object>;

beforeAll(async () => {
  [issuer, second] = await Promise.all([startIssuer('one'), startIssuer('two')]);
  const settings = (keys: readonly { hash: string }[]) => ({
    auth: {
      resource: 'https://mcp.example.com/mcp',
      issuers: { main: issuerSettings(issuer), second: issuerSettings(second) },
    },
    bundles: { pair: {} },
    consumers: {
      full: { keys: [...keys], tokens: [{ issuer: 'main', claims: { sub: 'ann' } }], roles: ['admin'] },
      other: { keys: [other.entry] },
    },
  });
  host = await startGuarded(settings([full.entry, expired.entry, revoked.entry]));
  const { status } = await exchange(`${host.url}/v1/info`, { headers: bearer(revoked.key) });
  if (status !== 200) throw new Error('the key that is to be revoked was never good');
  await host.apply(settings([full.entry, expired.entry]));
  const operations = await describedOperations(host.url, bearer(full.key));
  doors = [...PLACES.flatMap(mcpDoors), ...plainDoors(operations)];
  refusals = new Map(
    await Promise.all(
      doors.map(async (door) => [door, plain(await knock(host.url, door, bearer(unknown.key)))] as const),
    ),
  );
  wrongs = wrongCredentials({
    key: full.key,
    otherKey: other.key,
    expiredKey: expired.key,
    revokedKey: revoked.key,
    unknownKey: newKey().key,
    issuer,
    second,
    trap: `${second.url}/trap`,
  });
});
afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
  await second?.[Symbol.asyncDispose]();
});

/** What has reached the servers so far. */
async function traces(): Promise<readonly unknown[]> {
  return [host.reached.length, await host.program()];
}

const CHALLENGES: Readonly<Record<Wrong['code'], string>> = {
  AUTH_MISSING: `Bearer ${METADATA}`,
  AUTH_INVALID: `Bearer error="invalid_token", ${METADATA}`,
  AUTH_EXPIRED: `Bearer error="invalid_token", ${METADATA}`,
  AUTH_FORBIDDEN: `Bearer ${METADATA}`,
};

/** What is not as it should be about the answer at a door, in words. */
async function wrongAt(door: Door, { name, headers, query, code }: Wrong): Promise<readonly string[]> {
  const answer = await knock(host.url, door, headers, query);
  const place = `${name}, ${door.name}`;
  const found: string[] = [];
  const expectedStatus = code === 'AUTH_FORBIDDEN' ? 403 : 401;
  const type = door.isMcp ? 'application/json' : 'application/problem+json';
  if (answer.status !== expectedStatus) found.push(`${place}: status ${answer.status}`);
  if (answer.headers['www-authenticate'] !== CHALLENGES[code]) {
    found.push(`${place}: challenge ${answer.headers['www-authenticate']}`);
  }
  if (answer.headers['content-type'] !== type) found.push(`${place}: type ${answer.headers['content-type']}`);
  if (answer.headers['mcp-session-id'] !== undefined) found.push(`${place}: a session`);
  if (!answer.text.includes(`"code":"${code}"`)) found.push(`${place}: says ${answer.text}`);
  // Whatever is wrong with it, and whether somebody had it once: the same bytes as for what nobody ever had.
  if (code === 'AUTH_INVALID' && JSON.stringify(plain(answer)) !== JSON.stringify(refusals.get(door))) {
    found.push(`${place}: ${JSON.stringify(plain(answer))} and not ${JSON.stringify(refusals.get(door))}`);
  }
  return found;
}

/** Many at a time, but not all. */
async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<readonly Result[]>) {
  const results: Result[] = [];
  for (let begin = 0; begin < items.length; begin += 64) {
    // oxlint-disable-next-line no-await-in-loop -- so many at a time
    results.push(...(await Promise.all(items.slice(begin, begin + 64).map(work))).flat());
  }
  return results;
}

/** Places that are not there: there it is enough that one of each case is refused. */
const UNKNOWN = /^\/(?:servers\/six|bundles\/none)\//;

describe('at every path, transport and revision', () => {
  it.each(Object.entries(REFUSED))('A-%s %s gets nothing, and reaches nothing', async (number) => {
    const before = await traces();
    const own = wrongs.filter(({ name }) => name.startsWith(`A-${number} `));
    expect(own.length).toBeGreaterThan(0);
    const pairs = own.flatMap((wrong, index) =>
      doors.filter(({ path }) => index === 0 || !UNKNOWN.test(path)).map((door) => ({ wrong, door })),
    );
    expect(await inTurns(pairs, ({ wrong, door }) => wrongAt(door, wrong))).toEqual([]);
    expect(await traces()).toEqual(before);
  });

  it('A-16 500 payloads in the place of a credential are refused like any other', async () => {
    const before = await traces();
    const pairs = injections(500).flatMap((text, index) => {
      const headers = [
        { authorization: text },
        bearer(text),
        { authorization: `Bearer ${full.key}${text}` },
        { 'x-api-key': text },
      ];
      // Each in four places, and each door has its share of them.
      return headers.map((sent, place) => ({
        door: doors[(index * 4 + place) % doors.length]!,
        wrong: {
          name: `A-16 ${JSON.stringify(text)} in ${Object.keys(sent)[0]}`,
          headers: sent,
          code: 'AUTH_INVALID' as const,
        },
      }));
    });
    expect(pairs).toHaveLength(2_000);
    expect(await inTurns(pairs, ({ wrong, door }) => wrongAt(door, wrong))).toEqual([]);
    expect(await traces()).toEqual(before);
  });

  it('A-12 a token of 64 KiB is more than the head of a request may have', async () => {
    const before = await traces();
    const huge = bearer(issuer.token({ claims: { filler: 'x'.repeat(48 * 1024) } }));
    const answers = await inTurns(doors, async ({ method, path, headers }) => {
      const answered = exchange(host.url + path, { method, headers: { ...headers, ...huge } });
      // What was sent beyond what is read may end the connection before the answer has come.
      return [await answered.then(({ status }) => `HTTP ${status}`, String)];
    });
    expect(answers.filter((text) => !/^HTTP 431$|ECONNRESET|EPIPE|aborted|hang up/.test(text))).toEqual([]);
    expect(answers).toContain('HTTP 431');
    expect(await traces()).toEqual(before);
  });

  it('A-8 nobody comes to a place that a token names', () => {
    expect(second.asked.filter((path) => path.includes('trap'))).toEqual([]);
    // Of keys that nobody knows they are read again once at most in thirty seconds, and this file may take many of them.
    const pauses = Math.floor((performance.now() - begun) / 30_000);
    expect(issuer.asked.length).toBeLessThan(Math.max(4, pauses + 3));
  });

  it('every wrong credential has its case', () => {
    const numbers = wrongs.map(({ name }) => Number(/^A-(\d+) /.exec(name)?.[1]));
    expect([...new Set(numbers)].toSorted((one, two) => one - two)).toEqual(Object.keys(REFUSED).map(Number));
  });

  it('nothing of what was shown is in the log', () => {
    const log = host.log();
    const shown = wrongs.flatMap(({ headers, query = '' }) =>
      [headers['authorization']?.slice(7), headers['x-api-key'], query.split('=')[1], headers['cookie']].filter(
        (text): text is string => text !== undefined && text.length > 24,
      ),
    );
    expect(shown.length).toBeGreaterThan(60);
    expect(shown.filter((text) => log.includes(text) || log.includes(text.slice(-24)))).toEqual([]);
  });
});

it('whoever proves nothing is answered while the body is still to come', async () => {
  const posts = doors.filter(({ method }) => method !== 'GET' && method !== 'DELETE');
  const answers = await inTurns(posts, async ({ method, path, name }) => {
    const head = `${method} ${path} HTTP/1.1\r\nHost: ${new URL(host.url).host}\r\nContent-Type: application/json\r\n`;
    const parts = [
      ['Content-Length: 100000000\r\nConnection: close\r\n\r\n', '{'],
      ['Content-Length: 100000000\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n', ''],
      ['Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n', '1\r\n{\r\n'],
    ];
    const texts = await Promise.all(parts.map((part) => sendBytes(host.url, head + part.join(''), 20_000)));
    return texts.flatMap((text) =>
      /(?:^|\r\n\r\n)HTTP\/1\.1 401 /.test(text) ? [] : [`${name}: ${text.slice(0, 60)}`],
    );
  });
  expect(answers).toEqual([]);
});
