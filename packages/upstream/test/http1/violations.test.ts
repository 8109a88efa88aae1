import { describe, expect, test } from 'vitest';
import { answerOf } from '../support/http1/raw-server.ts';
import { Stage } from '../support/http1/stage.ts';
import { until } from '../support/http1/until.ts';

const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKS = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const CANARY = 'c4nary';

/** What becomes of such an answer while the connection stays open, and of the request that waits behind it. */
async function outcomeOf(bytes: string, isCut: boolean): Promise<string> {
  await using stage = await Stage.set({ most: 1 });
  const reply = stage.send();
  const next = stage.send({ path: '/next' });
  const peer = await stage.server.accepted();
  await peer.request();
  await stage.sendApart(peer, isCut ? bytes.split('') : [bytes]);
  await reply.over();
  const isOfItsConnection = reply.errorController === reply.controller;
  // Not a byte of the server's in what may reach a log.
  const isDiscreet = !`${reply.error?.message}${reply.error?.stack}`.includes(CANARY);
  await until(() => peer.isGone);
  await (await stage.server.accepted()).answer(answerOf('next'));
  const { body } = await next.over();
  return [reply.told.at(-1), reply.error?.code, isOfItsConnection, isDiscreet, body].join(' ');
}

/** All in one piece; if not said otherwise, byte by byte as well. */
async function outcomes(bytes: string, cuts: readonly boolean[] = [false, true]): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  for (const isCut of cuts) all.add(await outcomeOf(bytes, isCut));
  return all;
}

const REFUSED: ReadonlySet<string> = new Set(['error HTTP_PARSER true true next']);
const AT_ONCE = [false];

describe('the status line', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a TLS alert', '\u0015\u0003\u0001\u0000\u0002\u0002\u0046'],
    ['an empty line before it', `\r\n${answerOf('x')}`],
    ['a blank before it', ` ${answerOf('x')}`],
    ['a byte before it', `x${answerOf('x')}`],
    ['small letters', answerOf('x').replace('HTTP', 'http')],
    ['HTTP/2.0', answerOf('x').replace('1.1', '2.0')],
    ['HTTP/1.2', answerOf('x').replace('1.1', '1.2')],
    ['HTTP/0.9', answerOf('x').replace('1.1', '0.9')],
    ['HTTP/1', answerOf('x').replace('1.1', '1')],
    ['HTTP/1.10', answerOf('x').replace('1.1', '1.10')],
    ['HTTP/11', answerOf('x').replace('1.1', '11')],
    ['two blanks', answerOf('x').replace(' 200', '  200')],
    ['a tab', answerOf('x').replace(' 200', '\t200')],
    ['no status', 'HTTP/1.1 \r\n\r\n'],
    ['two digits', answerOf('x').replace('200', '20')],
    ['four digits', answerOf('x').replace('200', '2000')],
    ['no digits', answerOf('x').replace('200', '2x0')],
    ['a minus', answerOf('x').replace('200', '-20')],
    ['status 000', answerOf('x').replace('200', '000')],
    ['status 099', answerOf('x').replace('200', '099')],
    ['a reason without a blank', answerOf('x').replace(' OK', 'OK')],
    ['NUL in the reason', answerOf('x').replace('OK', `O\0${CANARY}`)],
    ['DEL in the reason', answerOf('x').replace('OK', 'O\u007fK')],
    ['CR in the reason', answerOf('x').replace('OK', 'O\rK')],
    ['LF alone at its end', answerOf('x').replace('OK\r\n', 'OK\n')],
    ['CR alone at its end', answerOf('x').replace('OK\r\n', 'OK\r')],
  ])('%s', async (_, bytes) => {
    expect(await outcomes(bytes)).toEqual(REFUSED);
  });
});

describe('a header field', () => {
  test.each([
    ['LF alone', `a: b\nc: d\r\n`],
    ['CR alone', `a: b\rc: d\r\n`],
    ['CR CR LF', `a: b\r\r\n`],
    ['LF alone before the empty line', `a: b\n\r\n`],
    ['a blank before the colon', `a : b\r\n`],
    ['a tab before the colon', `a\t: b\r\n`],
    ['a blank before the name', ` a: b\r\n`],
    ['a line that goes on', `a: b\r\n c\r\n`],
    ['a line that goes on with a tab', `a: b\r\n\tc\r\n`],
    ['no name', `: ${CANARY}\r\n`],
    ['no colon', `${CANARY}\r\n`],
    ['a blank in the name', `a b: c\r\n`],
    ['a bracket in the name', `a(b): c\r\n`],
    ['a name beyond ASCII', `\u00e9: c\r\n`],
    ['NUL in the name', `a\0: c\r\n`],
    ['NUL in the value', `a: ${CANARY}\0\r\n`],
    ['BEL in the value', `a: \u0007\r\n`],
    ['ESC in the value', `a: \u001b[2J\r\n`],
    ['DEL in the value', `a: \u007f\r\n`],
    ['a vertical tab in the value', `a: \u000b\r\n`],
  ])('%s', async (_, field) => {
    expect(await outcomes(`${HEAD}${field}content-length: 0\r\n\r\n`)).toEqual(REFUSED);
    expect(await outcomes(`${HEAD}content-length: 0\r\n${field}\r\n`)).toEqual(REFUSED);
  });

  test('LF LF for the empty line', async () => {
    expect(await outcomes(`${HEAD}content-length: 0\n\n`)).toEqual(REFUSED);
    expect(await outcomes(`${HEAD}content-length: 0\r\n\n`)).toEqual(REFUSED);
    expect(await outcomes(`${HEAD}content-length: 0\r\n\rx`)).toEqual(REFUSED);
  });
});

describe('the length of a body', () => {
  test.each([
    ['not a number', 'content-length: five\r\n'],
    ['empty', 'content-length:\r\n'],
    ['below zero', 'content-length: -1\r\n'],
    ['a plus', 'content-length: +1\r\n'],
    ['a fraction', 'content-length: 1.0\r\n'],
    ['hexadecimal', 'content-length: 0x1\r\n'],
    ['with an exponent', 'content-length: 1e1\r\n'],
    ['with a blank within', 'content-length: 1 1\r\n'],
    ['with an underscore', 'content-length: 1_1\r\n'],
    ['in other digits', 'content-length: \u00b9\r\n'],
    ['too large to count', 'content-length: 9007199254740992\r\n'],
    ['far too large', `content-length: ${'9'.repeat(400)}\r\n`],
    ['a list', 'content-length: 1, 1\r\n'],
    ['said twice', 'content-length: 1\r\ncontent-length: 1\r\n'],
    ['said twice, differently', 'content-length: 1\r\nContent-Length: 2\r\n'],
    ['a length and chunks', 'content-length: 1\r\ntransfer-encoding: chunked\r\n'],
    ['chunks and a length', 'transfer-encoding: chunked\r\ncontent-length: 1\r\n'],
    ['gzip', 'transfer-encoding: gzip\r\n'],
    ['identity', 'transfer-encoding: identity\r\n'],
    ['gzip and chunks', 'transfer-encoding: gzip, chunked\r\n'],
    ['chunks twice', 'transfer-encoding: chunked, chunked\r\n'],
    ['chunks in two fields', 'transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n'],
    ['identity and chunks in two fields', 'transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n'],
    ['something like chunks', 'transfer-encoding: xchunked\r\n'],
    ['chunks in quotes', 'transfer-encoding: "chunked"\r\n'],
    ['chunks behind a vertical blank', 'transfer-encoding: \u00a0chunked\r\n'],
    ['chunks with a parameter', 'transfer-encoding: chunked;a=b\r\n'],
    ['an empty coding', 'transfer-encoding:\r\n'],
  ])('%s', async (_, fields) => {
    expect(await outcomes(`${HEAD}${fields}\r\n1\r\nx\r\n0\r\n\r\n`, AT_ONCE)).toEqual(REFUSED);
    expect(await outcomes(`${HEAD}${fields}\r\n`)).toEqual(REFUSED);
  });

  test.each(['content-length: x\r\n', 'content-length: 1\r\ncontent-length: 1\r\n', 'transfer-encoding: gzip\r\n'])(
    'nor with a status that has no body: %j',
    async (fields) => {
      expect(await outcomes(`HTTP/1.1 204 No Content\r\n${fields}\r\n`)).toEqual(REFUSED);
    },
  );
});

describe('chunks', () => {
  test.each([
    ['no size', '\r\nhello\r\n0\r\n\r\n'],
    ['no size but an extension', ';a\r\nhello\r\n0\r\n\r\n'],
    ['a size in no digits', 'g\r\nhello\r\n0\r\n\r\n'],
    ['a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'],
    ['a size below zero', '-5\r\nhello\r\n0\r\n\r\n'],
    ['a size with a plus', '+5\r\nhello\r\n0\r\n\r\n'],
    ['a size with a blank before', ' 5\r\nhello\r\n0\r\n\r\n'],
    ['a size with a blank within', '1 5\r\nhello\r\n0\r\n\r\n'],
    ['a size too large to count', '20000000000000\r\nhello'],
    ['a size that would wrap', '10000000000000005\r\nhello\r\n0\r\n\r\n'],
    ['LF alone behind the size', '5\nhello\r\n0\r\n\r\n'],
    ['CR alone behind the size', '5\rhello\r\n0\r\n\r\n'],
    ['LF alone in an extension', '5;a\nhello\r\n0\r\n\r\n'],
    ['CR alone in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
    ['NUL in an extension', '5;a\0\r\nhello\r\n0\r\n\r\n'],
    ['more than its size', '4\r\nhello\r\n0\r\n\r\n'],
    ['less than its size', '6\r\nhello\r\n0\r\n\r\n'],
    ['another byte for the CR behind a chunk', '5\r\nhello.\n0\r\n\r\n'],
    ['another byte for the LF behind a chunk', '5\r\nhello\r.0\r\n\r\n'],
    ['another byte for the LF behind a size', '5\r.hello\r\n0\r\n\r\n'],
    ['another byte for the last LF', '5\r\nhello\r\n0\r\n\r.'],
    ['LF alone behind a chunk', '5\r\nhello\n0\r\n\r\n'],
    ['CR alone behind a chunk', '5\r\nhello\r0\r\n\r\n'],
    ['nothing behind a chunk', '5\r\nhello0\r\n\r\n'],
    ['LF alone behind the last size', '5\r\nhello\r\n0\n\r\n'],
    ['LF alone at the end', '5\r\nhello\r\n0\r\n\n'],
    ['CR alone at the end', '5\r\nhello\r\n0\r\n\rx'],
    ['LF alone in the trailers', '0\r\na: b\n\r\n'],
    ['a trailer without a colon', '0\r\nabc\r\n\r\n'],
    ['a trailer without a name', '0\r\n: b\r\n\r\n'],
    ['a blank before a trailer', '0\r\n a: b\r\n\r\n'],
    ['a blank before the colon of a trailer', '0\r\na : b\r\n\r\n'],
    ['a trailer that goes on', '0\r\na: b\r\n c\r\n\r\n'],
    ['NUL in the trailers', '0\r\na: \0\r\n\r\n'],
  ])('%s', async (_, chunks) => {
    expect(await outcomes(`${CHUNKS}${chunks}`)).toEqual(REFUSED);
  });
});

describe('bounds', () => {
  const KIB = 1024;

  async function endOf(bytes: string): Promise<string> {
    await using stage = await Stage.set();
    const reply = stage.send();
    const peer = await stage.server.accepted();
    await peer.request();
    await peer.send(bytes);
    peer.end();
    await reply.over();
    return reply.error === undefined ? (reply.told.at(-1) ?? '') : (reply.error.code ?? '');
  }

  /** A head of exactly so many bytes, the empty line included. */
  function headOf(bytes: number): string {
    const before = `${HEAD}content-length: 0\r\nx: `;
    return `${before}${'a'.repeat(bytes - before.length - 4)}\r\n\r\n`;
  }

  test('a head of 16 KiB, and not a byte more', async () => {
    expect(await endOf(headOf(16 * KIB))).toBe('end');
    expect(await endOf(headOf(16 * KIB + 1))).toBe('HTTP_PARSER');
  });

  test('a head without an end is refused before the server is done with it', async () => {
    expect(await outcomes(`${HEAD}x: ${CANARY.repeat(4 * KIB)}`, AT_ONCE)).toEqual(REFUSED);
    expect(await outcomes('H'.repeat(17 * KIB), AT_ONCE)).toEqual(REFUSED);
    expect(await outcomes(`HTTP/1.1 200 ${'a'.repeat(17 * KIB)}`, AT_ONCE)).toEqual(REFUSED);
  });

  test('2,000 fields, and not one more', async () => {
    const fields = (count: number): string => `${HEAD}content-length: 0\r\n${'a:\r\n'.repeat(count - 1)}\r\n`;
    expect(await endOf(fields(2_000))).toBe('end');
    expect(await endOf(fields(2_001))).toBe('HTTP_PARSER');
  });

  test('the line of a chunk: 4 KiB', async () => {
    const line = (bytes: number): string => `${CHUNKS}2;${'a'.repeat(bytes)}\r\nok\r\n0\r\n\r\n`;
    expect(await endOf(line(4 * KIB - 16))).toBe('end');
    expect(await endOf(line(4 * KIB + 16))).toBe('HTTP_PARSER');
    expect(await outcomes(`${CHUNKS}2;${'a'.repeat(8 * KIB)}`, AT_ONCE)).toEqual(REFUSED);
    expect(await outcomes(`${CHUNKS}${'0'.repeat(8 * KIB)}`, AT_ONCE)).toEqual(REFUSED);
    expect(await outcomes(`${CHUNKS}2${' '.repeat(8 * KIB)}`, AT_ONCE)).toEqual(REFUSED);
  });

  test('the bound on a line is that of each line', async () => {
    const line = `1;${'a'.repeat(3 * KIB)}\r\nx\r\n`;
    expect(await endOf(`${CHUNKS}${line.repeat(20)}0\r\n\r\n`)).toBe('end');
  });

  test('trailers: 16 KiB together', async () => {
    const trailers = (bytes: number): string => `${CHUNKS}0\r\n${'a: 34567\r\n'.repeat(bytes / 10)}\r\n`;
    expect(await endOf(trailers(16_000))).toBe('end');
    expect(await endOf(trailers(17_000))).toBe('HTTP_PARSER');
    expect(await outcomes(`${CHUNKS}0\r\na: ${'a'.repeat(17 * KIB)}`, AT_ONCE)).toEqual(REFUSED);
  });

  test('interim answers: some, not any number', async () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
    expect(await endOf(`${interim.repeat(8)}${answerOf('x')}`)).toBe('end');
    expect(await endOf(`${interim.repeat(2_000)}${answerOf('x')}`)).toBe('HTTP_PARSER');
  });

  test('interim answers are counted for each request anew', async () => {
    await using stage = await Stage.set();
    const first = stage.send();
    const peer = await stage.server.accepted();
    const bytes = `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5)}${answerOf('x')}`;
    await peer.answer(bytes);
    await first.over();
    for (let round = 0; round < 30; round++) expect((await stage.exchange(peer, bytes)).told.at(-1)).toBe('end');
  });

  test('another protocol that nobody asked for', async () => {
    expect(await outcomes('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')).toEqual(
      REFUSED,
    );
  });
});
