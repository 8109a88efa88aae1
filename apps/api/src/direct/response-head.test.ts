import { afterEach, describe, expect, test, vi } from 'vitest';
import { dateLine, FieldLines, statusLine } from './response-head.ts';
import type { HeadFields } from './response-head.ts';

const fieldLines = (fields: HeadFields): string => new FieldLines(fields).text;

afterEach(() => void vi.restoreAllMocks());

describe('the fields of an answer', () => {
  test.each([
    ['nothing', {}, ''],
    ['texts and numbers', { a: 'b', C: 0, d: '' }, 'a: b\r\nC: 0\r\nd: \r\n'],
    ['several values', { a: ['b', 'c'], d: [] }, 'a: b\r\na: c\r\n'],
    ['names and values in turn', ['a', 'b', 'a', 1, 'c', ['d', 'e']], 'a: b\r\na: 1\r\nc: d\r\nc: e\r\n'],
    ['an empty list', [], ''],
    ['all that may stand there', { a: '\t !~' }, 'a: \t !~\r\n'],
  ])('%s', (_, fields, lines) => expect(fieldLines(fields)).toBe(lines));

  test.each(['\r\n', '\n', '\r', '\0', '\x0b', '\x1f', '\x7f', '\x80', '\xe9', '\u010a', '\u2028', '🦊'])(
    'no value has %j, however it is given, and what it is is not repeated',
    (character) => {
      const value = `evil${character}x: y`;
      for (const fields of [{ a: value }, { a: ['b', value] }, ['a', value], ['a', ['b', value]]]) {
        expect(() => fieldLines(fields)).toThrow(TypeError);
        expect(() => fieldLines(fields)).not.toThrow(/evil/);
      }
    },
  );
});

test.each([
  [{ Date: 'x' }, { hasDate: true }],
  [['Content-LENGTH', 0], { hasLength: true }],
  [{ connection: 'Close' }, { saysClose: true }],
  [
    { connection: ['keep-alive', 'close'], 'content-length': '1', date: '' },
    { saysClose: true, hasLength: true, hasDate: true },
  ],
  [{ connection: 'keep-alive', 'content-lengt': '1', data: 'x', 'content-length': undefined, date: [] }, {}],
] as const)('%j says %j', (fields, says) => {
  const none = { hasLength: false, hasDate: false, saysClose: false };
  expect(new FieldLines(fields as unknown as HeadFields)).toMatchObject({ ...none, ...says });
});

test.each([
  [200, 'HTTP/1.1 200 OK\r\n'],
  [404, 'HTTP/1.1 404 Not Found\r\n'],
  [429, 'HTTP/1.1 429 Too Many Requests\r\n'],
  [599, 'HTTP/1.1 599 Unknown\r\n'],
])('the line of status %d', (status, line) => expect(statusLine(status)).toBe(line));

test('the date is that of its second, also of one that was before', () => {
  const now = vi.spyOn(Date, 'now');
  const at = (time: string): string => {
    now.mockReturnValue(Date.parse(time));
    return dateLine();
  };
  expect(at('1994-11-06T08:49:37.999Z')).toBe('date: Sun, 06 Nov 1994 08:49:37 GMT\r\n');
  expect(at('1994-11-06T08:49:37.000Z')).toBe('date: Sun, 06 Nov 1994 08:49:37 GMT\r\n');
  expect(at('1994-11-06T08:49:38.000Z')).toBe('date: Sun, 06 Nov 1994 08:49:38 GMT\r\n');
  expect(at('1994-11-06T08:49:36.500Z')).toBe('date: Sun, 06 Nov 1994 08:49:36 GMT\r\n');
});
