import { describe, expect, test } from 'vitest';
import { bodyLength } from './body-length.ts';
import { parseResponseHead } from './response-head.ts';

function lengthOf(fields: string, status = 200): ReturnType<typeof bodyLength> {
  return bodyLength(parseResponseHead(`HTTP/1.1 ${status} X\r\n${fields}`));
}

describe('where a body ends', () => {
  test.each([
    ['content-length: 0\r\n', 0],
    ['content-length: 12\r\n', 12],
    ['content-length: 9007199254740991\r\n', Number.MAX_SAFE_INTEGER],
    ['Transfer-Encoding: Chunked\r\n', 'chunked'],
    ['connection: keep-alive\r\n', 'connection'],
  ] as const)('%j: %s', (fields, length) => {
    expect(lengthOf(fields)).toBe(length);
  });

  test.each([204, 304])('%d has none, whatever it says', (status) => {
    expect(lengthOf('', status)).toBe(0);
    expect(lengthOf('content-length: 5\r\n', status)).toBe(0);
    expect(lengthOf('transfer-encoding: chunked\r\n', status)).toBe(0);
  });

  test.each([
    'content-length: \r\n',
    'content-length: -1\r\n',
    'content-length: +1\r\n',
    'content-length: 1.0\r\n',
    'content-length: 0x1\r\n',
    'content-length: 1e3\r\n',
    'content-length: 5, 5\r\n',
    'content-length: 5\r\ncontent-length: 5\r\n',
    'content-length: 9007199254740992\r\n',
    'transfer-encoding: gzip, chunked\r\n',
    'transfer-encoding: identity\r\n',
    'transfer-encoding: \r\n',
    'transfer-encoding: chunked, chunked\r\n',
    'transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n',
    'transfer-encoding: chunked\r\ncontent-length: 5\r\n',
    'content-length: 5\r\ntransfer-encoding: chunked\r\n',
  ])('%j is refused', (fields) => {
    expect(() => lengthOf(fields)).toThrow(expect.objectContaining({ code: 'HTTP_PARSER' }));
  });
});
