import { describe, expect, test } from 'vitest';
import { parseResponseHead } from './response-head.ts';

function problemOf(text: string): string {
  try {
    parseResponseHead(text);
  } catch (thrown) {
    const { code, message } = thrown as Error & { readonly code: string };
    return `${code}: ${message}`;
  }
  return 'it was taken';
}

describe('the head of a response', () => {
  test('has a version, a status, and fields under names in lower case', () => {
    const head = parseResponseHead('HTTP/1.1 404 Not Found\r\nContent-Type: a/b; c="d"\r\nX-Empty:\r\n');
    expect(head).toMatchObject({ version: '1.1', status: 404 });
    expect({ ...head.headers }).toEqual({ 'content-type': 'a/b; c="d"', 'x-empty': '' });
    const inherited = Object.getPrototypeOf(head.headers) as object;
    expect([Reflect.ownKeys(inherited), Object.getPrototypeOf(inherited), Object.isFrozen(inherited)]).toEqual([
      [],
      null,
      true,
    ]);
  });

  test.each(['HTTP/1.0 200 OK\r\n', 'HTTP/1.0 200 \r\n', 'HTTP/1.0 200\r\n', 'HTTP/1.0 200 d\u00e9j\u00e0\tvu\r\n'])(
    '%j: the reason is for nobody, and may be missing',
    (text) => {
      expect(parseResponseHead(text)).toMatchObject({ version: '1.0', status: 200 });
    },
  );

  test('values are latin1, and lose blanks and tabs at their ends and nothing else', () => {
    const { headers } = parseResponseHead('HTTP/1.1 200 OK\r\na: \t \u00e9 b\t\r\nb: \u00a0x\u00a0 \r\nc: \t \r\n');
    expect({ ...headers }).toEqual({ a: '\u00e9 b', b: '\u00a0x\u00a0', c: '' });
  });

  test('fields of the same name become a list, whatever the name', () => {
    const { headers } = parseResponseHead(
      'HTTP/1.1 200 OK\r\nA: 1\r\n__proto__: x\r\na: 2\r\n__proto__: y\r\na: 3\r\n',
    );
    expect(headers['a']).toEqual(['1', '2', '3']);
    expect(headers['__proto__']).toEqual(['x', 'y']);
  });

  test.each([
    'HTTP/2.0 200 OK',
    'HTTP/1.2 200 OK',
    'http/1.1 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 200OK',
    'HTTP/1.1 200 O\x00K',
    ' HTTP/1.1 200 OK',
    '\r\nHTTP/1.1 200 OK',
    'SSH-2.0-evil',
    '',
  ])('%j is no status line', (line) => {
    expect(problemOf(`${line}\r\na: b\r\n`)).toMatch(/^HTTP_PARSER: .*its status line$/);
  });

  test.each([
    ['evil\n: b', /does not end with CR LF/],
    ['a: evil\nb: c', /does not end with CR LF/],
    ['a: evil\rb: c', /does not end with CR LF/],
    ['a: evil\r', /does not end with CR LF/],
    ['a: b\r\n evil', /goes on in a second line/],
    ['a: b\r\n\tevil: c', /goes on in a second line/],
    [' evil: b', /goes on in a second line/],
    ['a: evil\0', /a control character/],
    ['a: evil\x7f', /a control character/],
    ['a: evil\x0b', /a control character/],
    ['evil : b', /the name of a header field/],
    ['evil', /the name of a header field/],
    [': evil', /the name of a header field/],
    ['\u00e9vil: b', /the name of a header field/],
    ['ev il: b', /the name of a header field/],
  ])('%j is no field, and is not repeated', (line, problem) => {
    const message = problemOf(`HTTP/1.1 200 OK\r\n${line}\r\n`);
    expect(message).toMatch(problem);
    expect(message).not.toMatch(/vil/);
  });

  test('takes 2,000 fields and no more', () => {
    const fields = 'a:\r\n'.repeat(2_000);
    expect(parseResponseHead(`HTTP/1.1 200 OK\r\n${fields}`).headers['a']).toHaveLength(2_000);
    expect(problemOf(`HTTP/1.1 200 OK\r\n${fields}a:\r\n`)).toMatch(/too many header fields/);
  });

  test.each(['a', ':', ' ', 'a: ', 'a:b\r\n', '\t'])('16 KiB of %j take no time', (piece) => {
    const text = `HTTP/1.1 200 OK\r\n${piece.repeat((16 * 1_024) / piece.length)}\n`;
    const begun = process.threadCpuUsage();
    expect(problemOf(text)).toMatch(/^HTTP_PARSER/);
    const { user, system } = process.threadCpuUsage(begun);
    expect((user + system) / 1_000).toBeLessThan(500);
  });
});
