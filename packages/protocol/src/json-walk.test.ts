import { describe, expect, test } from 'vitest';
import { createRandom, randomObject, writeLoosely } from '../test/random-json.ts';
import { JsonShapeError, scanMembers } from './json-scan.ts';
import { JsonWalk } from './json-walk.ts';

interface Seen {
  readonly key: string | undefined;
  readonly start: number;
  readonly end: number;
}

/** The members of an object that is fed in pieces of these sizes. */
function membersOf(
  bytes: Uint8Array,
  size: () => number,
): { readonly members: Seen[]; readonly end: number | undefined } {
  const members: Seen[] = [];
  let key: string | undefined;
  let start = 0;
  let at = 0;
  const walk = new JsonWalk({
    onValue(depth, name, place) {
      if (depth === 0) return true;
      key = name;
      start = at + place;
      return false;
    },
    onValueEnd(depth, place) {
      if (depth === 1) members.push({ key, start, end: at + place });
    },
  });
  while (at < bytes.length) {
    const piece = bytes.subarray(at, at + size());
    const end = walk.feed(piece);
    if (end !== undefined) return { members, end: at + end };
    at += piece.length;
  }
  return { members, end: undefined };
}

function expected(bytes: Uint8Array): Seen[] {
  return scanMembers(bytes).map(({ key, value }) => ({ key, ...value }));
}

describe('an object that arrives in pieces', () => {
  test('has the members that it has as a whole', () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const random = createRandom(seed);
      const bytes = Buffer.from(writeLoosely(randomObject(random), random).trim());
      for (const size of [() => 1, () => 1 + random.below(60), () => bytes.length]) {
        expect(membersOf(bytes, size)).toEqual({ members: expected(bytes), end: bytes.length });
      }
    }
  });

  test.each(['\\\\', '\\"', '\\\\\\"', '"'])('may be cut in a long string before and after %s', (mark) => {
    const long = 'x'.repeat(100);
    const text = mark === '"' ? `${long}\\"${long}` : `${long}${mark}${long}`;
    const bytes = Buffer.from(`{"a":"${text}","b":{"c":"${text}"},"d":1}`);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const sizes = [cut];
      const { members } = membersOf(bytes, () => sizes.shift() ?? bytes.length);
      expect(members).toEqual(expected(bytes));
    }
  });

  test.each(['{"a":[}', '{"a":{]', '{"a":1]', ' {}', `{"a":${'['.repeat(600)}`])('is refused: %s', (text) => {
    expect(() => membersOf(Buffer.from(text), () => 3)).toThrow(JsonShapeError);
  });

  test('ends where it ends, whatever follows', () => {
    expect(membersOf(Buffer.from('{"a":1} , ]'), () => 4).end).toBe(7);
  });
});
