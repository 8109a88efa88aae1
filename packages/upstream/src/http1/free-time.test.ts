import { expect, test } from 'vitest';
import { freeTimeOf } from './free-time.ts';
import { parseResponseHead } from './response-head.ts';

test.each([
  ['HTTP/1.1 200 OK\r\n', 4_000],
  ['HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n', 4_000],
  ['HTTP/1.1 200 OK\r\nConnection: Keep-Alive, x-close\r\n', 4_000],
  ['HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\n', 3_000],
  ['HTTP/1.1 200 OK\r\nkeep-alive: max=3, Timeout = 10\r\n', 8_000],
  ['HTTP/1.1 200 OK\r\nkeep-alive: max=3\r\nkeep-alive: timeout=10\r\n', 8_000],
  ['HTTP/1.1 200 OK\r\nkeep-alive: timeout=99999999999999999999\r\n', 600_000],
  ['HTTP/1.1 200 OK\r\nkeep-alive: notimeout=10\r\n', 4_000],
  ['HTTP/1.1 200 OK\r\nkeep-alive: timeout=-1\r\n', 4_000],
  ['HTTP/1.1 200 OK\r\nkeep-alive: timeout=2\r\n', 0],
  ['HTTP/1.1 200 OK\r\nkeep-alive: timeout=0\r\n', 0],
  ['HTTP/1.1 200 OK\r\nconnection: close\r\n', 0],
  ['HTTP/1.1 200 OK\r\nconnection: x ,\tClose\r\n', 0],
  ['HTTP/1.1 200 OK\r\nconnection: keep-alive\r\nconnection: close\r\n', 0],
  ['HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n', 0],
  ['HTTP/1.1 204 No Content\r\n', 4_000],
  ['HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n', 4_000],
  ['HTTP/1.1 204 No Content\r\ncontent-length: 1\r\n', 0],
  ['HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n', 0],
])('%j: %d ms', (text, milliseconds) => {
  expect(freeTimeOf(parseResponseHead(text))).toBe(milliseconds);
});
