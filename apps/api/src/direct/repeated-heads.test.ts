import { expect, test } from 'vitest';
import { BODY_BYTES, readPostHead } from './post-head.ts';
import type { PostHead } from './post-head.ts';
import { RepeatedHeads } from './repeated-heads.ts';

const MOST = 8_192;
const FIELDS = 'Host: localhost\r\nAuthorization: Bearer one\r\nContent-Length: 7\r\nAccept: a/b';
const bytesOf = (fields: string, target = '/mcp'): Buffer =>
  Buffer.from(`POST ${target} HTTP/1.1\r\n${fields}\r\n\r\n{"a":1}POST /mcp`, 'latin1');
const read = (bytes: Buffer, most = MOST): PostHead => readPostHead(bytes, most) as PostHead;

function remembering(bytes = bytesOf(FIELDS)): RepeatedHeads<PostHead> {
  const repeated = new RepeatedHeads<PostHead>();
  repeated.remember(bytes, read(bytes));
  return repeated;
}

test('what is the same again is found, as it would be read', () => {
  const repeated = remembering();
  expect(repeated.find(bytesOf(FIELDS), MOST)).toStrictEqual(read(bytesOf(FIELDS)));
  expect(repeated.find(bytesOf(FIELDS), MOST)).toStrictEqual(read(bytesOf(FIELDS)));
});

test.each(['0', '8', '07', '0000', '12345', `${BODY_BYTES}`, '000007'])('with another length: %s', (length) => {
  const other = bytesOf(FIELDS.replace('7', length));
  const found = remembering().find(other, MOST);
  expect(found).toStrictEqual(read(other));
  expect(found?.rawHeaders).toContain(length);
});

test.each(['', 'x', '7x', '-7', '+7', '7 7', '0x7', '1234567', '0000007', `${BODY_BYTES + 1}`])(
  'not with %j for a length, which somebody else looks at',
  (length) => {
    expect(remembering().find(bytesOf(FIELDS.replace('7', length)), MOST)).toBeUndefined();
  },
);

test('with one other byte anywhere it is found as it would be read, or is not found', () => {
  const first = bytesOf(FIELDS);
  const repeated = remembering(first);
  const { bodyStart } = read(first);
  let found = 0;
  for (let at = 0; at < bodyStart; at += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const bytes = Buffer.from(first);
      bytes[at] = byte;
      const head = repeated.find(bytes, MOST);
      if (head === undefined) continue;
      found += 1;
      expect(head).toStrictEqual(readPostHead(bytes, MOST));
    }
  }
  // Itself at each place, and nine other digits at one.
  expect(found).toBe(bodyStart + 9);
});

test('wherever it is cut it is not found, but for its body', () => {
  const bytes = bytesOf(FIELDS);
  const { bodyStart } = read(bytes);
  for (let end = 0; end <= bytes.length; end += 1) {
    const head = remembering().find(bytes.subarray(0, end), MOST);
    expect(head).toStrictEqual(end < bodyStart ? undefined : read(bytes));
  }
});

test('one that has become longer than a head may be is not found', () => {
  const most = read(bytesOf(FIELDS)).bodyStart;
  expect(remembering().find(bytesOf(FIELDS), most)).toBeDefined();
  expect(remembering().find(bytesOf(FIELDS.replace('7', '007')), most)).toBeUndefined();
});

test('each who finds it has headers to take away from, and none who comes later misses them', () => {
  const bytes = bytesOf(FIELDS);
  const repeated = new RepeatedHeads<PostHead>();
  const first = read(bytes);
  repeated.remember(bytes, first);
  for (let head: PostHead | undefined = first, round = 0; round < 3; round += 1) {
    expect(head?.headers.authorization).toBe('Bearer one');
    head!.headers.authorization = undefined;
    head = repeated.find(bytes, MOST);
  }
});

test('what is remembered is not of the memory into which a socket reads', () => {
  const bytes = bytesOf(FIELDS);
  const repeated = remembering(bytes);
  bytes.fill(0x78);
  expect(repeated.find(bytesOf(FIELDS), MOST)).toStrictEqual(read(bytesOf(FIELDS)));
});

test('four are remembered, of which the one goes that was not found for longest', () => {
  const repeated = new RepeatedHeads<PostHead>();
  const named = (name: string): Buffer => bytesOf(`${FIELDS}\r\nMcp-Name: ${name}`);
  const remember = (name: string): void => repeated.remember(named(name), read(named(name)));
  for (const name of ['a', 'b', 'c', 'd']) remember(name);
  for (const name of ['a', 'd', 'b', 'b', 'a', 'c', 'd']) {
    expect(repeated.find(named(name), MOST)).toStrictEqual(read(named(name)));
  }
  remember('e');
  // Of a, c, d and b, as they were found last, the last one is gone.
  expect(['a', 'b', 'c', 'd', 'e'].filter((name) => repeated.find(named(name), MOST) !== undefined).join('')).toBe(
    'acde',
  );
});

test('large heads are not remembered', () => {
  const repeated = remembering();
  const large = bytesOf(`${FIELDS}\r\nX: ${'x'.repeat(2_048)}`);
  repeated.remember(large, read(large));
  expect(repeated.find(large, MOST)).toBeUndefined();
  expect(repeated.find(bytesOf(FIELDS), MOST)).toBeDefined();
});

test('a client that never says the same twice is not listened to for long', () => {
  const repeated = new RepeatedHeads<PostHead>();
  const numbered = (index: number): Buffer => bytesOf(`${FIELDS}\r\nX: ${index}`);
  const remember = (index: number): void => repeated.remember(numbered(index), read(numbered(index)));
  for (let index = 1; index <= 16; index += 1) remember(index);
  // One of them was the same again, so they are counted from nothing.
  expect(repeated.find(numbered(16), MOST)).toBeDefined();
  for (let index = 1; index <= 16; index += 1) remember(index);
  expect(repeated.find(numbered(16), MOST)).toBeDefined();
  for (let index = 1; index <= 17; index += 1) remember(index);
  for (const index of [14, 15, 16, 17]) expect(repeated.find(numbered(index), MOST)).toBeUndefined();
});
