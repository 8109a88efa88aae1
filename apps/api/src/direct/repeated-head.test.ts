import { expect, test } from 'vitest';
import { BODY_BYTES, readPostHead } from './post-head.ts';
import type { PostHead } from './post-head.ts';
import { RepeatedHead } from './repeated-head.ts';

const MOST = 8_192;
const FIELDS = 'Host: localhost\r\nAuthorization: Bearer one\r\nContent-Length: 7\r\nAccept: a/b';
const bytesOf = (fields: string, target = '/mcp'): Buffer =>
  Buffer.from(`POST ${target} HTTP/1.1\r\n${fields}\r\n\r\n{"a":1}POST /mcp`, 'latin1');
const read = (bytes: Buffer, most = MOST): PostHead => readPostHead(bytes, most) as PostHead;

function remembering(bytes = bytesOf(FIELDS)): RepeatedHead<PostHead> {
  const repeated = new RepeatedHead<PostHead>();
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
  const repeated = new RepeatedHead<PostHead>();
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

test('large heads are not remembered, and one of them has the last one forgotten', () => {
  const repeated = remembering();
  const large = bytesOf(`${FIELDS}\r\nX: ${'x'.repeat(2_048)}`);
  repeated.remember(large, read(large));
  expect(repeated.find(large, MOST)).toBeUndefined();
  expect(repeated.find(bytesOf(FIELDS), MOST)).toBeUndefined();
});

test('a client that never says the same twice is not listened to for long', () => {
  const repeated = new RepeatedHead<PostHead>();
  const numbered = (index: number): Buffer => bytesOf(`${FIELDS}\r\nX: ${index}`);
  const remember = (index: number): void => repeated.remember(numbered(index), read(numbered(index)));
  for (let index = 1; index <= 16; index += 1) remember(index);
  // One of them was the same again, so they are counted from nothing.
  expect(repeated.find(numbered(16), MOST)).toBeDefined();
  for (let index = 1; index <= 16; index += 1) remember(index);
  expect(repeated.find(numbered(16), MOST)).toBeDefined();
  for (let index = 1; index <= 17; index += 1) remember(index);
  expect(repeated.find(numbered(17), MOST)).toBeUndefined();
});
