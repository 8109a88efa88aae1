import { expect, test } from 'vitest';
import { parseResponseHead } from './response-head.ts';
import { ResponseHeads } from './response-heads.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 7\r\nSet-Cookie: c\r\nSet-Cookie: d\r\n';

function outcomeOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (thrown) {
    return `${thrown as Error}`;
  }
}

/** What each is when they come in turn, the first, the second twice, the first again, and what each is alone. */
function readBoth(first: string, second: string): { readonly inTurn: unknown[]; readonly alone: unknown[] } {
  const heads = new ResponseHeads();
  const texts = [first, second, second, first];
  return {
    inTurn: texts.map((text) => outcomeOf(() => heads.read(text))),
    alone: texts.map((text) => outcomeOf(() => parseResponseHead(text))),
  };
}

test.each([
  HEAD,
  HEAD.replace('7', '8'),
  HEAD.replace('7', '123456789'),
  HEAD.replace('7', '007'),
  HEAD.replace('7', '1234567890123456'),
  HEAD.replace('7', ''),
  HEAD.replace('7', '-7'),
  HEAD.replace('7', ' \t7\t '),
  HEAD.replace('7', '7, 7'),
  HEAD.replace('7', '7\r\nContent-Length: 7'),
  HEAD.replace('Content-Length: 7\r\n', ''),
  HEAD.replace('Content-Length: 7', 'Transfer-Encoding: chunked'),
  HEAD.replace('200', '404'),
  HEAD.replace('1.1', '1.0'),
  HEAD.slice(0, 40),
  HEAD.slice(0, -2),
  'HTTP/1.1 200 OK\r\n',
])('%j after another head is what it would be alone', (second) => {
  for (const first of [
    HEAD,
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: x\r\nA: b\r\n',
  ]) {
    const { inTurn, alone } = readBoth(first, second);
    expect(inTurn).toStrictEqual(alone);
  }
});

test('with one other character anywhere it is what it would be alone', () => {
  for (let at = 0; at < HEAD.length; at += 1) {
    for (const other of ['0', '9', ' ', '\r', '\n', ':', 'x', '\0', '\u00e9']) {
      const { inTurn, alone } = readBoth(HEAD, HEAD.slice(0, at) + other + HEAD.slice(at + 1));
      expect(inTurn).toStrictEqual(alone);
    }
  }
});

test.each([
  [
    'shorter than both parts together',
    'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: \r\n',
  ],
  [
    'with the beginning of what comes next for a length',
    'HTTP/1.1 200 OK\r\ncontent-length: 7\r\na:\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: a:\r\n',
  ],
  [
    'like one with two lengths',
    HEAD.replace('7', '7\r\nContent-Length: 7'),
    HEAD.replace('7', '77\nContent-Length: 7'),
  ],
])('%s it is what it would be alone', (_, first, second) => {
  const { inTurn, alone } = readBoth(first, second);
  expect(inTurn).toStrictEqual(alone);
});

test('what is the same is not read again; another length has headers of its own', () => {
  const heads = new ResponseHeads();
  const first = heads.read(HEAD);
  expect(heads.read(HEAD)).toBe(first);
  const other = heads.read(HEAD.replace('7', '8'));
  expect(other.headers['set-cookie']).toBe(first.headers['set-cookie']);
  expect([first.headers['content-length'], other.headers['content-length']]).toEqual(['7', '8']);
});
