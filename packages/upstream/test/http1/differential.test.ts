import { beforeAll, expect, test } from 'vitest';
import { RawServer } from '../support/http1/raw-server.ts';
import { responseCorpus } from '../support/http1/response-corpus.ts';
import { Stage } from '../support/http1/stage.ts';
import { openUndiciSockets } from '../support/http1/undici-sockets.ts';
import { openSockets } from '../../src/http1/origin-sockets.ts';

interface Outcome {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** What a client makes of these bytes; absent: it refuses them. */
async function outcomeOf(bytes: string, open: typeof openSockets, cut = Infinity): Promise<Outcome | undefined> {
  await using stage = await Stage.set({ open, server: await RawServer.start() });
  const reply = stage.send({ method: 'GET' });
  const peer = await stage.server.accepted();
  await peer.request();
  if (cut === Infinity) peer.end(bytes);
  else {
    await stage.sendApart(peer, bytes.match(new RegExp(`[^]{1,${cut}}`, 'g')) ?? []);
    peer.end();
  }
  const { told, status, headers, body } = await reply.over();
  return told.at(-1) === 'end' ? { status, headers: { ...headers }, body } : undefined;
}

/** What ours refuses and the other accepts. */
const STRICTER: ReadonlyMap<string, string> = new Map([
  ['HTTP/0.9', 'only the versions 1.0 and 1.1 are spoken here'],
  ['HTTP/2.0', 'only the versions 1.0 and 1.1 are spoken here'],
  ['an empty line before', 'RFC 9112, 2.2 lets servers pass over one before a request, and says nothing of answers'],
  ['gzip as a transfer coding', 'no coding but chunked is asked for; what comes as text would be compressed'],
  ['identity as a transfer coding', 'RFC 9112, 7: there is no such coding any more'],
  ['gzip and chunks', 'no coding but chunked is asked for'],
  ['chunks and gzip', 'RFC 9112, 6.1: chunked has to be the last one'],
  ['chunks in two fields', 'RFC 9112, 6.1: chunked may be applied only once'],
  ['chunked, with all there may be: "+" in the place of "n" at 39', 'an unknown coding: chu+ked'],
  ['chunked, with all there may be: "d" twice at 42', 'an unknown coding: chunkedd'],
  ['chunked: without "h" at 37', 'an unknown coding: cunked'],
]);

const SKIPPED =
  'RFC 9112, 7.1.1: extensions are ignored; where the line ends is the same, and it holds no control character';

/** What ours accepts and the other refuses: in none of these does it differ where an answer ends. */
const LAXER: ReadonlyMap<string, string> = new Map([
  ['status 100 first', 'RFC 9110, 15.2: a client has to read past 1xx, asked for or not'],
  ['a length with a blank behind', 'RFC 9112, 5.1: blanks around a value are not of it'],
  ['a size with a blank and an extension', 'RFC 9112, 7.1.1: blanks before an extension are to be passed over'],
  ['an extension without a name', SKIPPED],
  ['an extension that is none', SKIPPED],
  ['a quote in an extension that does not end', SKIPPED],
  ['chunked, with all there may be: ";" put before "\\r" at 90', SKIPPED],
  ['a trailer with a length', 'RFC 9110, 6.5.1: trailers are discarded, so it delimits nothing'],
]);

interface Pair {
  readonly ours: Outcome | undefined;
  readonly others: Outcome | undefined;
}

const pairs = new Map<string, Pair>();

beforeAll(async () => {
  for (const { name, bytes } of responseCorpus()) {
    const ours = await outcomeOf(bytes, openSockets);
    const others = await outcomeOf(bytes, openUndiciSockets);
    pairs.set(name, { ours, others: others && trimmed(others) });
  }
});

/** Source: RFC 9112, 5.1: blanks behind a value are not of it. The other client leaves them there. */
function trimmed(outcome: Outcome): Outcome {
  const fields = Object.entries(outcome.headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replace(/[\t ]+$/, '') : value,
  ]);
  return { ...outcome, headers: Object.fromEntries(fields) };
}

function namesOf(isSo: (pair: Pair) => boolean): readonly string[] {
  return [...pairs].filter(([, pair]) => isSo(pair)).map(([name]) => name);
}

test('the corpus holds enough that is accepted, and enough that is refused', () => {
  expect(pairs.size).toBeGreaterThan(200);
  expect(namesOf(({ ours, others }) => ours !== undefined && others !== undefined).length).toBeGreaterThan(80);
  expect(namesOf(({ ours, others }) => ours === undefined && others === undefined).length).toBeGreaterThan(80);
});

test('what both accept is the same answer', () => {
  const both = [...pairs].filter(([, { ours, others }]) => ours !== undefined && others !== undefined);
  const heard = (by: keyof Pair): object => Object.fromEntries(both.map(([name, pair]) => [name, pair[by]]));
  expect(heard('ours')).toEqual(heard('others'));
});

test('what ours alone accepts is listed', () => {
  const found = namesOf(({ ours, others }) => ours !== undefined && others === undefined);
  expect(found.toSorted()).toEqual([...LAXER.keys()].toSorted());
});

test('what ours alone refuses is listed', () => {
  const found = namesOf(({ ours, others }) => ours === undefined && others !== undefined);
  expect(found.toSorted()).toEqual([...STRICTER.keys()].toSorted());
});

test('where TCP cuts them makes no difference', async () => {
  const cut: Record<string, Outcome | undefined> = {};
  for (const { name, bytes } of responseCorpus()) cut[name] = await outcomeOf(bytes, openSockets, 5);
  expect(cut).toEqual(Object.fromEntries([...pairs].map(([name, { ours }]) => [name, ours])));
});
