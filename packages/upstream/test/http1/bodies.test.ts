import { describe, expect, test } from 'vitest';
import { answerOf } from '../support/http1/raw-server.ts';
import type { RecordedReply } from '../support/http1/recorded-reply.ts';
import { READINGS, Stage } from '../support/http1/stage.ts';
import type { Reading } from '../support/http1/stage.ts';
import { someTurns } from '../support/http1/until.ts';

/** What becomes of these pieces, each read by itself, when the connection ends after them. */
async function read(pieces: readonly string[], reading: Reading = 'onread'): Promise<RecordedReply> {
  await using stage = await Stage.set({ reading });
  const reply = stage.send();
  const peer = await stage.server.accepted();
  await peer.request();
  await stage.sendApart(peer, pieces);
  peer.end();
  return await reply.over();
}

const inPieces = (text: string, size: number): string[] => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];

const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKS = `${HEAD}transfer-encoding: chunked\r\n\r\n`;

describe.each(READINGS)('a body (%s)', (reading) => {
  const bodies: readonly (readonly [string, string, string])[] = [
    ['with a length', `${HEAD}content-length: 11\r\n\r\nhello world`, 'hello world'],
    ['with a length of nothing', `${HEAD}content-length: 0\r\n\r\n`, ''],
    ['with a length that begins with zeros', `${HEAD}content-length: 00011\r\n\r\nhello world`, 'hello world'],
    ['that looks like a head', `${HEAD}content-length: 19\r\n\r\n${HEAD}\r\n`, `${HEAD}\r\n`],
    ['in chunks', `${CHUNKS}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`, 'hello world'],
    ['in chunks of nothing', `${CHUNKS}0\r\n\r\n`, ''],
    [
      'in chunks with large and small digits',
      `${CHUNKS}a\r\n0123456789\r\nB\r\nabcdefghijk\r\n0\r\n\r\n`,
      '0123456789abcdefghijk',
    ],
    ['in chunks whose sizes begin with zeros', `${CHUNKS}0005\r\nhello\r\n000\r\n\r\n`, 'hello'],
    ['in chunks with extensions', `${CHUNKS}5;a=b;c="d"\r\nhello\r\n0;last\r\n\r\n`, 'hello'],
    ['in chunks with trailers', `${CHUNKS}5\r\nhello\r\n0\r\nx-sum: 1\r\nx-more: 2\r\n\r\n`, 'hello'],
    ['in chunks that look like chunks', `${CHUNKS}a\r\n5\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n`, '5\r\n0\r\n\r\n\r\n'],
    ['in Chunked', `${HEAD}Transfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, 'ok'],
    ['until the end of the connection', `${HEAD}\r\nhello world`, 'hello world'],
    ['of nothing until the end of the connection', `${HEAD}\r\n`, ''],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhello', 'hello'],
    ['of HTTP/1.0 with a length', 'HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello', 'hello'],
    [
      'after interim answers',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\na: b\r\n\r\n${answerOf('final')}`,
      'final',
    ],
  ];

  test.each(bodies)('%s', async (_, bytes, expected) => {
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const reply = await read(inPieces(bytes, size), reading);
      expect(reply.told).toEqual(expected === '' ? ['start', 'head', 'end'] : ['start', 'head', 'data', 'end']);
      expect(reply).toMatchObject({ status: 200, body: expected });
    }
  });

  test.each([204, 304])('%d has none, whatever its fields say', async (status) => {
    for (const field of ['', 'content-length: 5\r\n', 'transfer-encoding: chunked\r\n', 'content-length: 0\r\n']) {
      const reply = await read([`HTTP/1.1 ${status} X\r\n${field}\r\n`], reading);
      expect(reply.told).toEqual(['start', 'head', 'end']);
      expect(reply.status).toBe(status);
    }
  });

  test('comes as it comes: each event of a stream is told before the next is sent', async () => {
    await using stage = await Stage.set({ reading });
    const reply = stage.send();
    const peer = await stage.server.accepted();
    await peer.answer(`${HEAD}content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n`);
    await reply.toldOf('head');
    for (let event = 0; event < 20; event++) {
      const text = `data: ${event}\n\n`;
      await stage.sendApart(peer, [`${text.length.toString(16)}\r\n${text}\r\n`]);
      await someTurns();
      expect(reply.body.endsWith(text)).toBe(true);
    }
    expect(reply.isOver).toBe(false);
    await peer.send('0\r\n\r\n');
    expect((await reply.over()).told.at(-1)).toBe('end');
  });

  test('of any bytes is passed on unchanged', async () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256)).toString('latin1');
    expect((await read([`${HEAD}content-length: 512\r\n\r\n${bytes}`], reading)).body).toBe(bytes);
    expect((await read([`${CHUNKS}200\r\n${bytes}\r\n0\r\n\r\n`], reading)).body).toBe(bytes);
  });

  test('pieces that were given stay as they are', async () => {
    await using stage = await Stage.set({ reading });
    const kept: Uint8Array[] = [];
    const onData = (_: unknown, chunk: Uint8Array): void => void kept.push(chunk);
    const first = stage.send({}, { onData });
    const peer = await stage.server.accepted();
    await peer.answer(answerOf('aaaa'));
    await first.over();
    for (const body of ['bbbb', 'cccc', 'dddd']) {
      const reply = stage.send({}, { onData });
      await peer.answer(answerOf(body));
      await reply.over();
    }
    expect(kept.map((chunk) => Buffer.from(chunk).toString())).toEqual(['aaaa', 'bbbb', 'cccc', 'dddd']);
  });
});

describe('the head', () => {
  const headersOf = async (fields: string): Promise<Record<string, unknown>> => {
    const reply = await read([`${HEAD}${fields}content-length: 0\r\n\r\n`]);
    expect(reply.told).toEqual(['start', 'head', 'end']);
    const { 'content-length': _, ...others } = { ...reply.headers };
    return others;
  };

  test('names are in lower case, and a name that came twice has both values', async () => {
    expect(await headersOf('X-One: 1\r\nx-two: a\r\nX-TWO: b\r\nx-Two: c\r\n')).toEqual({
      'x-one': '1',
      'x-two': ['a', 'b', 'c'],
    });
  });

  test('blanks and tabs around a value are not of it', async () => {
    expect(await headersOf('a:1\r\nb: \t 2 \t\r\nc:\r\nd:   \r\ne: 3 \t 4\r\n')).toEqual({
      a: '1',
      b: '2',
      c: '',
      d: '',
      e: '3 \t 4',
    });
  });

  test('values are read as latin1, and only blanks and tabs are blank', async () => {
    expect(await headersOf('a: \u00e9\u00ff\r\nb: \u00a0x\u00a0\r\n')).toEqual({
      a: '\u00e9\u00ff',
      b: '\u00a0x\u00a0',
    });
  });

  test('names that every object has are names like others', async () => {
    const reply = await read([`${HEAD}__proto__: x\r\nconstructor: y\r\ntoString: z\r\ncontent-length: 0\r\n\r\n`]);
    const inherited = Object.getPrototypeOf(reply.headers) as object;
    expect([Reflect.ownKeys(inherited), Object.getPrototypeOf(inherited), Object.isFrozen(inherited)]).toEqual([
      [],
      null,
      true,
    ]);
    expect(Object.entries(reply.headers ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['tostring', 'z'],
      ['content-length', '0'],
    ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test.each([
    ['a reason', 'HTTP/1.1 200 Very Well \u00e9\r\n'],
    ['an empty reason', 'HTTP/1.1 200 \r\n'],
    ['no reason', 'HTTP/1.1 200\r\n'],
  ])('%s', async (_, line) => {
    expect(await read([`${line}content-length: 0\r\n\r\n`])).toMatchObject({ status: 200, error: undefined });
  });

  test.each([200, 201, 202, 299, 301, 400, 401, 404, 418, 499, 500, 599])('status %d', async (status) => {
    expect(await read([`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`])).toMatchObject({
      status,
      error: undefined,
    });
  });
});

describe.each(READINGS)('an answer that is cut short is an error (%s)', (reading) => {
  test.each([
    ['nothing at all', ''],
    ['within the status line', 'HTTP/1.1 20'],
    ['within the head', `${HEAD}content-le`],
    ['before the empty line', `${HEAD}content-length: 1\r\n`],
    ['within the empty line', `${HEAD}content-length: 0\r\n\r`],
    ['before the body', `${HEAD}content-length: 5\r\n\r\n`],
    ['within the body', `${HEAD}content-length: 5\r\n\r\nhell`],
    ['before the first chunk', CHUNKS],
    ['within the size of a chunk', `${CHUNKS}1`],
    ['within a chunk', `${CHUNKS}5\r\nhell`],
    ['behind a chunk', `${CHUNKS}5\r\nhello`],
    ['before the last chunk', `${CHUNKS}5\r\nhello\r\n`],
    ['within the last chunk', `${CHUNKS}5\r\nhello\r\n0\r\n`],
    ['within the trailers', `${CHUNKS}0\r\na: b\r\n`],
    ['within the end', `${CHUNKS}0\r\n\r`],
    ['after an interim answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('%s', async (_, bytes) => {
    const reply = await read([bytes], reading);
    expect(reply.told[0]).toBe('start');
    expect(reply.told.filter((event) => event === 'end')).toEqual([]);
    expect(reply.told.at(-1)).toBe('error');
    expect(reply.error).toBeInstanceOf(Error);
    expect(reply.errorController).toBe(reply.controller);
    expect(reply.error?.code).toBe('ECONNRESET');
  });

  test.each(['', `${HEAD}content-length: 5\r\n\r\nhel`, `${HEAD}\r\nuntil`, `${CHUNKS}5\r\nhel`])(
    'a reset is told as one: %j',
    async (bytes) => {
      await using stage = await Stage.set({ reading });
      const reply = stage.send();
      const peer = await stage.server.accepted();
      await peer.request();
      await stage.sendApart(peer, [bytes]);
      peer.reset();
      await reply.over();
      expect(reply.told.at(-1)).toBe('error');
      expect(reply.error?.code).toBe('ECONNRESET');
      expect(reply.errorController).toBe(reply.controller);
    },
  );
});
