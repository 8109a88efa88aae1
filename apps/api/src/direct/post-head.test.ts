import { describe, expect, test } from 'vitest';
import { readPostHead } from './post-head.ts';

const MOST = 8 * 1_024;
const LINE = 'POST /mcp HTTP/1.1\r\n';
const MUST = 'host: a\r\ncontent-length: 2\r\n';

const read = (text: string, most = MOST) => readPostHead(Buffer.from(text, 'latin1'), most);
const withFields = (fields: string) => read(`${LINE}${MUST}${fields}\r\nok`);
const withLine = (line: string) => read(`${line}\r\n${MUST}\r\nok`);
const withLength = (value: string) => read(`${LINE}host: a\r\ncontent-length: ${value}\r\n\r\n`);
const numbered = (count: number): string => Array.from({ length: count }, (_, index) => `x-${index}: v\r\n`).join('');

describe('a plain POST', () => {
  test('has a target, fields under names in lower case and as they came, and a body in its place', () => {
    const head = `${LINE}Host: a:1\r\nX-Empty:\r\nContent-Length:2\r\nAccept: \t a/b, c/d \t\r\n\r\n`;
    expect(read(`${head}okPOST`)).toStrictEqual({
      target: '/mcp',
      headers: { host: 'a:1', 'x-empty': '', 'content-length': '2', accept: 'a/b, c/d' },
      rawHeaders: ['Host', 'a:1', 'X-Empty', '', 'Content-Length', '2', 'Accept', 'a/b, c/d'],
      bodyStart: head.length,
      bodyEnd: head.length + 2,
    });
  });

  test('may lack some of its body, or all of it', () => {
    const head = `${LINE}${MUST}\r\n`;
    const whole = read(`${head}ok`);
    expect(read(`${head}o`)).toStrictEqual(whole);
    expect(read(head)).toStrictEqual(whole);
  });

  test('is unfinished wherever its head is cut', () => {
    const head = `${LINE}${MUST}a: b\r\n\r\n`;
    for (let at = 1; at < head.length; at++) expect(read(head.slice(0, at))).toBe('unfinished');
    expect(read(head)).toBeTypeOf('object');
  });

  test.each(['/', '/mcp?a=b&c', '/mcp#a', '//a', '/%2e%2e/%00', '/http://a/', '/"<>\\^`{|}~'])(
    'its target may be %s',
    (target) => expect(withLine(`POST ${target} HTTP/1.1`)).toMatchObject({ target }),
  );

  test.each([
    ['a:b', 'b'],
    ['a: \t b\tc \t', 'b\tc'],
    ['a: b  c', 'b  c'],
    ['a: \t ', ''],
    ['a:: :', ': :'],
    ['A: !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
  ])('%j is a field with the value %j', (line, value) => {
    const head = withFields(`${line}\r\n`);
    expect(head).toMatchObject({ headers: { a: value } });
    expect(typeof head === 'object' && head.rawHeaders.slice(4)).toEqual([line[0], value]);
  });

  test('a name may have all that a name may have', () => {
    const name = "!#$%&'*+-.^_`|~09azAZ";
    expect(withFields(`${name}: v\r\n`)).toMatchObject({ headers: { [name.toLowerCase()]: 'v' } });
  });

  test.each(['keep-alive', 'Keep-Alive', 'KEEP-ALIVE'])('its connection may be %s', (value) => {
    expect(withFields(`Connection: ${value}\r\n`)).toMatchObject({ headers: { connection: value } });
  });

  test.each([
    ['0', 0],
    ['000000', 0],
    ['01', 1],
    ['262144', 262_144],
  ])('%s is a length of %d', (value, length) => {
    const head = withLength(value);
    expect(typeof head === 'object' && head.bodyEnd - head.bodyStart).toBe(length);
  });
});

describe('somebody else looks at', () => {
  test.each(['G', 'p', '\r', '\n', ' ', '\0', '\x16', ''])('what begins with %j, at once', (text) => {
    expect(read(text)).toBeUndefined();
  });

  test.each([
    'GET /mcp HTTP/1.1',
    'PUT /mcp HTTP/1.1',
    'Post /mcp HTTP/1.1',
    'POSTS /mcp HTTP/1.1',
    'PPOST /mcp HTTP/1.1',
    'P POST /mcp HTTP/1.1',
    'POST  /mcp HTTP/1.1',
    'POST /mcp  HTTP/1.1',
    'POST\t/mcp HTTP/1.1',
    'POST /mcp\tHTTP/1.1',
    'POST /mcp HTTP/1.1 ',
    'POST /m cp HTTP/1.1',
    'POST /mcp HTTP/1.0',
    'POST /mcp HTTP/1.2',
    'POST /mcp HTTP/2.0',
    'POST /mcp HTTP/1.10',
    'POST /mcp HTTP/1x1',
    'POST /mcp http/1.1',
    'POST /mcp',
    'POST mcp HTTP/1.1',
    'POST http://a/mcp HTTP/1.1',
    'POST * HTTP/1.1',
    'POST a:1 HTTP/1.1',
    'POST /mcp\0 HTTP/1.1',
    'POST /mcp\x7f HTTP/1.1',
    'POST /mcp\xe9 HTTP/1.1',
    'POST /mcp\r HTTP/1.1',
    'POST /mcp\nx HTTP/1.1',
    'POST /mcp HTTP/1.1\r',
    'POST /mcp HTTP/1.1\nx: y',
  ])('the line %j', (line) => expect(withLine(line)).toBeUndefined());

  test.each([
    'a : b',
    'a\t: b',
    ' a: b',
    '\ta: b',
    'a: b\r\n c',
    'a: b\r\n\tc: d',
    'a',
    ': b',
    'a b: c',
    'a(: b',
    'a): b',
    'a"b: c',
    'a\0: b',
    'a\x7f: b',
    '\xe9: b',
    'a: \0',
    'a: \x07',
    'a: \x0b',
    'a: \x7f',
    'a: \x80',
    'a: \xe9',
    'a: b\nc: d',
    'a: b\rc: d',
    'a: b\r',
    'a\r: b',
    'a\n: b',
  ])('the field %j, first and last', (line) => {
    expect(read(`${LINE}${line}\r\n${MUST}\r\nok`)).toBeUndefined();
    expect(withFields(`${line}\r\n`)).toBeUndefined();
  });

  test.each([
    'Transfer-Encoding: chunked',
    'transfer-encoding: identity',
    'transfer-encoding:',
    'Expect: 100-continue',
    'upgrade: h2c',
    'Trailer: a',
    'Set-Cookie: a=b',
    'Proxy-Connection: close',
    'connection: close',
    'connection: keep-alive, close',
    'connection: upgrade',
    'connection:',
  ])('%s, which has a meaning of its own', (line) => expect(withFields(`${line}\r\n`)).toBeUndefined());

  test.each(['host: a', 'Host: b', 'CONTENT-LENGTH: 2', 'cookie: a\r\nCookie: b', 'x: a\r\nX: a', 'x:\r\nx:'])(
    'what stands twice by %j',
    (lines) => expect(withFields(`${lines}\r\n`)).toBeUndefined(),
  );

  test.each(['__proto__', 'constructor', 'Constructor'])('the name %s, which every object has', (name) => {
    expect(withFields(`${name}: x\r\n`)).toBeUndefined();
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('what lacks a host, a length, or both', () => {
    expect(read(`${LINE}content-length: 2\r\n\r\nok`)).toBeUndefined();
    expect(read(`${LINE}host: a\r\n\r\n`)).toBeUndefined();
    expect(read(`${LINE}\r\n`)).toBeUndefined();
  });

  test.each([
    '',
    '+1',
    '-1',
    '0x1',
    '1e0',
    '1.0',
    '1 1',
    '1, 1',
    '1,1',
    '1_1',
    '"1"',
    '\xb9',
    'one',
    '0000001',
    '262145',
  ])('the length %j', (value) => expect(withLength(value)).toBeUndefined());

  test('line ends that are none', () => {
    const plain = `${LINE}${MUST}\r\nok`;
    expect(read(plain)).toBeTypeOf('object');
    for (const end of ['\n', '\r', '\r\r\n', '\n\r\n'])
      expect(read(plain.replace('\r\n', end))).not.toBeTypeOf('object');
    for (const end of ['\n\n', '\r\r', '\r\n\n', '\n\r\n', '\r\n\r']) {
      expect(read(plain.replace('\r\n\r\n', end))).not.toBeTypeOf('object');
    }
  });
});

describe('the bounds', () => {
  test('as many bytes as may be, before the empty line, and not one more', () => {
    const headOf = (size: number): string => {
      const begun = `${LINE}${MUST}a: `;
      return `${begun}${'v'.repeat(size - begun.length)}\r\n\r\n`;
    };
    expect(headOf(MOST).indexOf('\r\n\r\n')).toBe(MOST);
    expect(read(headOf(MOST))).toBeTypeOf('object');
    expect(read(headOf(MOST + 1))).toBeUndefined();
    expect(read(headOf(100), 100)).toBeTypeOf('object');
    expect(read(headOf(101), 100)).toBeUndefined();
  });

  test('nobody waits for the end of a head that is too large', () => {
    const begun = `${LINE}a: `;
    expect(read(begun + 'v'.repeat(MOST - begun.length - 1))).toBe('unfinished');
    expect(read(begun + 'v'.repeat(MOST - begun.length))).toBeUndefined();
  });

  test('a body may be larger than a head', () => {
    const text = `${LINE}host: a\r\ncontent-length: 20000\r\n\r\n`;
    expect(read(text + 'x'.repeat(20_000))).toMatchObject({ bodyEnd: text.length + 20_000 });
  });

  test('64 fields and no more', () => {
    expect(withFields(numbered(62))).toMatchObject({ rawHeaders: { length: 128 } });
    expect(withFields(numbered(63))).toBeUndefined();
  });
});

describe('time grows as a head does', () => {
  const unlike = (size: number): string => numbered(size / 10).slice(0, size);
  const fillings: readonly (readonly [string, (size: number) => string])[] = [
    ...['a', ' ', '\t', ':', ': ', 'a ', '\r', '\n', '\n\r', '\r\n\r', '\r\n ', ' \t', '\xff', '\0', 'a:\r'].map(
      (piece) => [JSON.stringify(piece), (size: number) => piece.repeat(size / piece.length)] as const,
    ),
    ['fields', unlike],
    ['fields without colons', (size) => unlike(size).replaceAll(':', '-')],
  ];
  /** Where it stands. */
  const places: readonly (readonly [string, (filling: string) => string])[] = [
    ['target', (filling) => `POST /${filling} HTTP/1.1\r\n${MUST}\r\n`],
    ['name', (filling) => `${LINE}${filling}: v\r\n${MUST}\r\n`],
    ['value', (filling) => `${LINE}${MUST}a: b${filling}c\r\n\r\n`],
    ['lines', (filling) => `${LINE}${MUST}${filling}\r\n\r\n`],
    ['end', (filling) => `${LINE}${MUST}${filling}`],
  ];

  const SMALL = 1_024;
  const FACTOR = 64;

  /** Milliseconds, of the best of several: what else the machine does is not asked. */
  function timeOf(text: string, times: number): number {
    const bytes = Buffer.from(text, 'latin1');
    let best = Infinity;
    for (let round = 0; round < 7; round++) {
      const start = performance.now();
      for (let left = times; left > 0; left -= 1) readPostHead(bytes, 1_000_000);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  }

  test.each(places)('whatever fills the %s', (_, place) => {
    for (const [name, filling] of fillings) {
      const many = timeOf(place(filling(SMALL)), FACTOR);
      const large = timeOf(place(filling(SMALL * FACTOR)), 1);
      // As many bytes: about 1, and 64 were it the square.
      expect(large / Math.max(many, 0.02), `a large head of ${name}`).toBeLessThan(16);
    }
  });
});
