import { describe, expect, test } from 'vitest';
import type { OriginRequest } from './origin-request.ts';
import { RequestHeads } from './request-head.ts';

const HOST = 'mcp.test:81';

function writeRequestHead(request: OriginRequest, host: string): string {
  return new RequestHeads(host).of(request);
}

describe('the head of a request', () => {
  test('holds its line, its host first, its fields in their order, and its length', () => {
    const headers = ['accept', 'text/plain', 'X-Two', 'b', 'x-two', ''];
    expect(writeRequestHead({ method: 'POST', path: '/mcp?a=b', headers, body: Buffer.from('{}') }, HOST)).toBe(
      'POST /mcp?a=b HTTP/1.1\r\n' +
        'host: mcp.test:81\r\naccept: text/plain\r\nX-Two: b\r\nx-two: \r\ncontent-length: 2\r\n\r\n',
    );
  });

  test.each([
    ['POST', undefined, 'content-length: 0\r\n'],
    ['POST', new Uint8Array(), 'content-length: 0\r\n'],
    ['GET', undefined, ''],
    ['DELETE', undefined, ''],
    ['DELETE', new Uint8Array(3), 'content-length: 3\r\n'],
  ] as const)('of a %s with %o as its body', (method, body, field) => {
    const request = { method, path: '/', headers: [] };
    expect(writeRequestHead(body === undefined ? request : { ...request, body }, HOST)).toBe(
      `${method} / HTTP/1.1\r\nhost: mcp.test:81\r\n${field}\r\n`,
    );
  });

  test('the same list again is written with the method, the path and the length of each', () => {
    const heads = new RequestHeads(HOST);
    const headers = ['a', 'b'];
    const request = { method: 'POST', path: '/', headers, body: Buffer.from('{}') } as const;
    const first = heads.of(request);
    expect(heads.of(request)).toBe(first);
    expect(heads.of({ ...request, body: Buffer.alloc(17) })).toBe(first.replace('length: 2', 'length: 17'));
    expect(heads.of({ ...request, path: '/x' })).toBe(first.replace('/', '/x'));
    expect(heads.of({ method: 'DELETE', path: '/x', headers })).toBe(
      'DELETE /x HTTP/1.1\r\nhost: mcp.test:81\r\na: b\r\n\r\n',
    );
    expect(heads.of({ ...request, headers: ['a', 'c'] })).toBe(first.replace('a: b', 'a: c'));
    // What was refused once is refused again.
    const bad = { ...request, path: '/ x' };
    expect(() => heads.of(bad)).toThrow(Error);
    expect(() => heads.of(bad)).toThrow(Error);
    expect(heads.of(request)).toBe(first);
  });

  test('a host that is given takes the place of that of the origin', () => {
    const head = writeRequestHead({ method: 'GET', path: 'http://a.test/b', headers: ['Host', 'a.test'] }, HOST);
    expect(head).toBe('GET http://a.test/b HTTP/1.1\r\nHost: a.test\r\n\r\n');
  });

  test.each([
    ['a path with a line end', '/a\r\nb: c', []],
    ['a path with a blank', '/a b', []],
    ['a path that is empty', '', []],
    ['a path that is no ASCII', '/\u010a', []],
    ['a name with a line end', '/', ['a\r\nb', 'c']],
    ['a name with a colon', '/', ['a:', 'c']],
    // Its lower case is a k, and in latin1 it is a star.
    ['a name with the sign of Kelvin', '/', ['\u212a', 'c']],
    ['a name that is empty', '/', ['', 'c']],
    ['a value with CR LF', '/', ['a', 'b\r\nc: d']],
    ['a value with LF', '/', ['a', 'b\nc']],
    ['a value with NUL', '/', ['a', 'b\0']],
    ['a value beyond latin1', '/', ['a', '\u010a']],
    ['a name without a value', '/', ['a']],
    ['two hosts', '/', ['host', 'a', 'Host', 'b']],
    ['a length of the caller', '/', ['Content-Length', '0']],
    ['a coding of the caller', '/', ['transfer-encoding', 'chunked']],
    ['an end of the connection', '/', ['connection', 'close']],
    ['an upgrade', '/', ['Upgrade', 'h2c']],
  ] as const)('%s is refused', (_, path, headers) => {
    expect(() => writeRequestHead({ method: 'GET', path, headers }, HOST)).toThrow(Error);
  });
});
