import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPostHead } from '../../src/direct/post-head.ts';
import { openNodeEar } from '../support/node-hears.ts';
import type { Heard, Hearing, NodeEar } from '../support/node-hears.ts';
import { changedPosts, OTHERS, PLAIN, plainPost, postOfSize } from '../support/post-corpus.ts';
import { createRandom } from '../support/random.ts';

/** As `serveDirectly` says it. */
const MOST = 8 * 1_024;

interface Taken {
  readonly requests: readonly Heard[];
  readonly isUnfinished: boolean;
}

/** What is answered directly of a connection on which these bytes come, up to what is Node's. */
function takenOf(bytes: Buffer, most = MOST): Taken {
  const requests: Heard[] = [];
  for (let rest = bytes; ;) {
    const head = readPostHead(rest, most);
    if (head === undefined || head === 'unfinished') return { requests, isUnfinished: head !== undefined };
    const { target: url, headers, rawHeaders, bodyStart, bodyEnd } = head;
    const body = rest.toString('latin1', bodyStart, bodyEnd);
    const isWhole = rest.length >= bodyEnd;
    requests.push({ method: 'POST', url, version: '1.1', headers, rawHeaders, body, isWhole, staysOpen: true });
    if (!isWhole) return { requests, isUnfinished: false };
    rest = rest.subarray(bodyEnd);
  }
}

interface Both {
  readonly text: string;
  readonly ours: Taken;
  readonly nodes: Hearing;
}

let ear: NodeEar;
beforeAll(async () => void (ear = await openNodeEar()));
afterAll(async () => ear[Symbol.asyncDispose]());

async function hear(text: string, by = ear, most = MOST): Promise<Both> {
  const bytes = Buffer.from(text, 'latin1');
  return { text, ours: takenOf(bytes, most), nodes: await by.hear(bytes) };
}

/** All of them, some at a time. */
async function hearAll(texts: readonly string[], by = ear, most = MOST): Promise<readonly Both[]> {
  const all: Both[] = [];
  for (let at = 0; at < texts.length; at += 64) {
    all.push(...(await Promise.all(texts.slice(at, at + 64).map((text) => hear(text, by, most)))));
  }
  return all;
}

/** What is taken is heard by Node, and is the same. */
function expectSame({ text, ours, nodes }: Both): void {
  const request = JSON.stringify(text.length > 2_000 ? `${text.slice(0, 1_000)} … ${text.slice(-1_000)}` : text);
  const heard = nodes.requests.slice(0, ours.requests.length);
  expect(heard, `${request} is refused by Node (${nodes.refusal}), or means something else`).toStrictEqual(
    ours.requests,
  );
  if (!ours.isUnfinished) return;
  expect(nodes.requests.length, `${request} is waited for, and Node has all of it`).toBe(ours.requests.length);
}

const isRefused = ({ nodes }: Both): boolean =>
  nodes.requests.length === 0 && nodes.refusal !== undefined && nodes.refusal !== 'HPE_INVALID_EOF_STATE';
const isTaken = ({ ours }: Both): boolean => ours.requests.length > 0;

describe('what is answered directly means the same to Node', () => {
  test.each(Object.entries(PLAIN))('%s', async (_, text) => {
    const both = await hear(text);
    expect(both.ours.requests).not.toEqual([]);
    expectSame(both);
  });
});

describe('what is left to Node', () => {
  test.each(Object.entries(OTHERS))('%s', async (_, text) => {
    const both = await hear(text);
    expect(both.ours.requests).toEqual([]);
    expectSame(both);
  });

  test('some of it is refused, and some of it is heard', async () => {
    const all = await hearAll(Object.values(OTHERS));
    expect(all.filter(isRefused).length).toBeGreaterThan(100);
    expect(all.filter(({ nodes }) => nodes.requests.length > 0).length).toBeGreaterThan(40);
  });
});

test('every character in every place of a line', async () => {
  const places = ['POST /m?p HTTP/1.1', 'POST /mcp HTTP/1.1?', '?a: b', 'a?b: c', 'a?: b', 'a:?b', 'a: b?c', 'a: b?'];
  const others = ['content-length:?40', 'content-length: 40?', 'content-length: 4?0', 'content-length?: 40'];
  const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
  const codes = [...ascii, '\x80', '\x85', '\xa0', '\xe9', '\xff'];
  const texts = [...places, ...others].flatMap((place) =>
    codes.map((code) => {
      const line = place.replace('?', () => code);
      if (place.startsWith('POST')) return plainPost.replace(/^.*/, () => line);
      if (place.startsWith('c')) return plainPost.replace(/content-length.*/, () => line);
      return plainPost.replace('\r\n', () => `\r\n${line}\r\n`);
    }),
  );
  const all = await hearAll(texts);
  for (const both of all) expectSame(both);
  expect(all.filter(isTaken).length).toBeGreaterThan(600);
  expect(all.filter(isRefused).length).toBeGreaterThan(600);
});

test('heads about as large as they may be, where Node takes no more either', async () => {
  const most = 1_024;
  await using small = await openNodeEar(most);
  const sizes = Array.from({ length: 24 }, (_, index) => 1_012 + index);
  const larger = [1_100, 1_200, 2_048];
  const all: Both[] = [];
  for (const place of ['target', 'name', 'value', 'blanks', 'fields'] as const) {
    const texts = [...sizes, ...larger].map((size) => postOfSize(size, place));
    all.push(...(await hearAll(texts, small, most)));
  }
  for (const both of all) expectSame(both);
  expect(all.filter(isTaken)).toHaveLength(5 * 13);
  expect(all.filter(({ nodes }) => nodes.refusal === 'HPE_HEADER_OVERFLOW').length).toBeGreaterThan(10);
});

const SEED = 20_261_122;

test(`2,000 requests with changes by chance, of seed ${SEED}`, async () => {
  const all = await hearAll(changedPosts(createRandom(SEED), 2_000));
  for (const both of all) expectSame(both);
  expect(all.filter(isTaken).length).toBeGreaterThan(600);
  expect(all.filter(isRefused).length).toBeGreaterThan(500);
  expect(all.filter((both) => !isTaken(both) && both.nodes.requests.length > 0).length).toBeGreaterThan(200);
});
