import { describe, expect, test } from 'vitest';
import { ResponseReader } from './response-reader.ts';
import type { ResponseListener } from './response-reader.ts';

/** What a reader says, with a body in one piece however it was cut. */
class Heard implements ResponseListener {
  readonly reader = new ResponseReader(this);
  readonly events: string[] = [];
  readonly pieces: Uint8Array[] = [];
  pausesAtEach = false;

  onHead(status: number): void {
    this.events.push(`head ${status}`);
  }

  onBody(piece: Uint8Array): void {
    this.pieces.push(piece);
    const before = this.events.at(-1)?.startsWith('body ') ? this.events.pop() : undefined;
    this.events.push(`${before ?? 'body '}${Buffer.from(piece).toString('latin1')}`);
    if (this.pausesAtEach) this.reader.pause();
  }

  onComplete(freeTime: number): void {
    this.events.push(`complete ${freeTime}`);
  }
}

/** What is heard when these bytes come in these pieces, then the end of the connection if nothing ended before. */
function hear(pieces: readonly Buffer[]): string[] {
  const { reader, events } = new Heard();
  reader.begin();
  try {
    // A copy of its own, as a socket gives it: what is not there cannot be read.
    for (const piece of pieces) reader.push(Buffer.from(piece));
    if (!events.at(-1)?.startsWith('complete')) events.push(reader.end() ? 'by the end' : 'cut short');
  } catch (thrown) {
    events.push((thrown as Error & { code: string }).code, (thrown as Error).message.replace(/^[^:]*: /, ''));
  }
  return events;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

const samples: readonly (readonly [string, string, readonly string[]])[] = [
  ['a length', `${OK}content-length: 5\r\n\r\nhello`, ['head 200', 'body hello', 'complete 4000']],
  ['no length at all', `${OK}content-length: 0\r\n\r\n`, ['head 200', 'complete 4000']],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', ['head 204', 'complete 4000']],
  ['304', 'HTTP/1.1 304 \r\netag: "a"\r\nkeep-alive: timeout=9\r\n\r\n', ['head 304', 'complete 7000']],
  ['chunks', `${CHUNKED}5\r\nhello\r\n006\r\n world\r\n0\r\n\r\n`, ['head 200', 'body hello world', 'complete 4000']],
  ['line ends in chunks', `${CHUNKED}4\r\n\r\n\r\n\r\n0\r\n\r\n`, ['head 200', 'body \r\n\r\n', 'complete 4000']],
  [
    'hexadecimal sizes',
    `${CHUNKED}A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n`,
    ['head 200', 'body 01234567890123456789a', 'complete 4000'],
  ],
  ['no chunks', `${CHUNKED}000\r\n\r\n`, ['head 200', 'complete 4000']],
  ['extensions', `${CHUNKED}2 \t;a=b;c="d;\xe9"\r\nok\r\n0;e\r\n\r\n`, ['head 200', 'body ok', 'complete 4000']],
  ['trailers', `${CHUNKED}2\r\nok\r\n0\r\na: b\r\nc:\r\n\r\n`, ['head 200', 'body ok', 'complete 4000']],
  ['the connection', `${OK}\r\nall of it`, ['head 200', 'body all of it', 'complete 0', 'by the end']],
  [
    'interim heads',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\na: b\r\ncontent-length: 5\r\n\r\n${OK}content-length: 2\r\n\r\nok`,
    ['head 200', 'body ok', 'complete 4000'],
  ],
  ['a length, cut short', `${OK}content-length: 5\r\n\r\nhell`, ['head 200', 'body hell', 'cut short']],
  ['a head, cut short', `${OK}content-length: 5\r\n\r`, ['cut short']],
  ['chunks, cut short', `${CHUNKED}5\r\nhello\r\n0\r\n\r`, ['head 200', 'body hello', 'cut short']],
];

const broken: readonly (readonly [string, string, string])[] = [
  ['no HTTP', 'SSH-2.0-x\r\n', 'its status line'],
  ['a line end before it', `\r\n${OK}\r\n`, 'its status line'],
  ['a lone LF', 'HTTP/1.1 200 OK\ncontent-length: 0\n\n', 'a line of its head does not end with CR LF'],
  ['a lone LF at the end', `${OK}content-length: 0\r\n\n`, 'a line of its head does not end with CR LF'],
  ['a lone CR', `${OK}a: b\rc: d\r\n\r\n`, 'a line of its head does not end with CR LF'],
  ['101', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n', 'it switches to another protocol'],
  [
    'two ways to end',
    `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
    'it has both a content-length and a transfer-encoding',
  ],
  ['a chunk without a size', `${CHUNKED}\r\n`, 'the size of a chunk'],
  ['a chunk of less than nothing', `${CHUNKED}-1\r\n`, 'the size of a chunk'],
  ['a size with a prefix', `${CHUNKED}0x5\r\nhello\r\n`, 'the size of a chunk'],
  ['a size with a blank before', `${CHUNKED} 5\r\nhello\r\n`, 'the size of a chunk'],
  ['a size with a blank behind', `${CHUNKED}5 \r\nhello\r\n`, 'the size of a chunk'],
  ['a size beyond counting', `${CHUNKED}20000000000000\r\n`, 'the size of a chunk is too large'],
  ['a size that wraps around', `${CHUNKED}10000000000000005\r\nhello\r\n`, 'the size of a chunk is too large'],
  ['a lone LF behind a size', `${CHUNKED}5\nhello\r\n`, 'the size of a chunk'],
  ['a lone CR behind a size', `${CHUNKED}5\rhello\r\n`, 'the line of a chunk does not end with CR LF'],
  ['a lone LF in an extension', `${CHUNKED}5;a\nhello\r\n`, 'the extension of a chunk'],
  ['a chunk that is longer', `${CHUNKED}4\r\nhello\r\n`, 'a chunk is longer than it says'],
  ['a lone LF behind a chunk', `${CHUNKED}5\r\nhello\n0\r\n\r\n`, 'a chunk is longer than it says'],
  ['a lone CR behind a chunk', `${CHUNKED}5\r\nhello\r0\r\n\r\n`, 'a chunk does not end with CR LF'],
  ['a lone LF in a trailer', `${CHUNKED}0\r\na: b\n\r\n`, 'a control character in a trailer'],
  ['a lone CR in a trailer', `${CHUNKED}0\r\na: b\rc\r\n\r\n`, 'a trailer does not end with CR LF'],
];

/** What is heard byte by byte, in two and in three pieces, where it is not what is heard in one. */
function differentWhenCut(text: string): readonly string[][] {
  const bytes = Buffer.from(text, 'latin1');
  const whole = hear([bytes]).join();
  const heard = [hear([...bytes].map((byte) => Buffer.from([byte])))];
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      heard.push(hear([bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]));
    }
  }
  return heard.filter((events) => events.join() !== whole);
}

describe('a response that ends with', () => {
  test.each(samples)('%s, wherever it is cut', (_, text, expected) => {
    expect(hear([Buffer.from(text, 'latin1')])).toEqual(expected);
    expect(differentWhenCut(text)).toEqual([]);
  });
});

describe('what is no response', () => {
  test.each(broken)('%s, wherever it is cut', (_, text, problem) => {
    // What came before is delivered piece by piece, so only how it ends is the same for all.
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at <= bytes.length; at++) {
      expect(hear([bytes.subarray(0, at), bytes.subarray(at)]).slice(-2)).toEqual(['HTTP_PARSER', problem]);
    }
    expect(hear([...bytes].map((byte) => Buffer.from([byte]))).slice(-2)).toEqual(['HTTP_PARSER', problem]);
  });
});

describe('the bounds', () => {
  const pieces = (text: string, size: number): Buffer[] => {
    const bytes = Buffer.from(text, 'latin1');
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
  };
  const headOf = (size: number): string => `${OK}content-length: 0\r\na:${'x'.repeat(size - 42)}\r\n\r\n`;

  test.each([20_000, 1_000, 1])('a head of 16 KiB, in pieces of %d', (size) => {
    expect(headOf(16_384)).toHaveLength(16_384);
    expect(hear(pieces(headOf(16_384), size))).toEqual(['head 200', 'complete 4000']);
    expect(hear(pieces(headOf(16_385), size))).toEqual(['HTTP_PARSER', 'its head is larger than 16 KiB']);
  });

  test.each([20_000, 1_000, 1])('the line of a chunk of 4 KiB, in pieces of %d', (size) => {
    const bodyOf = (length: number): string => `${CHUNKED}0;${'x'.repeat(length - 3)}\r\n\r\n`;
    expect(hear(pieces(bodyOf(4_096), size)).at(-1)).toBe('complete 4000');
    expect(hear(pieces(bodyOf(4_097), size)).at(-2)).toBe('HTTP_PARSER');
    expect(hear(pieces(`${CHUNKED}${'0'.repeat(5_000)}1\r\n`, size)).at(-2)).toBe('HTTP_PARSER');
  });

  test.each([20_000, 1_000, 1])('trailers of 16 KiB, in pieces of %d', (size) => {
    const bodyOf = (length: number): string => `${CHUNKED}0\r\na:${'x\r\na:'.repeat((length - 6) / 5)}\r\n\r\n`;
    expect(hear(pieces(bodyOf(16_381), size)).at(-1)).toBe('complete 4000');
    expect(hear(pieces(bodyOf(16_386), size)).at(-2)).toBe('HTTP_PARSER');
  });

  test('64 interim heads', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\n';
    expect(hear([Buffer.from(`${interim.repeat(64)}${OK}content-length: 0\r\n\r\n`)]).at(-1)).toBe('complete 4000');
    expect(hear([Buffer.from(interim.repeat(65))]).at(-2)).toBe('HTTP_PARSER');
  });
});

describe('a reader', () => {
  test('hands bodies on without a copy', () => {
    const heard = new Heard();
    heard.reader.begin();
    const chunk = Buffer.from(`${CHUNKED}2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n`);
    heard.reader.push(chunk);
    expect(heard.pieces.map((piece) => piece.buffer === chunk.buffer)).toEqual([true, true]);
  });

  test('takes bytes beyond the end for a reason not to read on', () => {
    for (const text of [`${OK}content-length: 1\r\n\r\nab`, `${CHUNKED}0\r\n\r\n${OK}content-length: 0\r\n\r\n`]) {
      expect(hear([Buffer.from(text)])).toEqual(['head 200', ...(text.endsWith('b') ? ['body a'] : []), 'complete 0']);
    }
  });

  test('reads one response after the other', () => {
    const { reader, events } = new Heard();
    for (const body of ['a', 'b']) {
      reader.begin();
      reader.push(Buffer.from(`${CHUNKED}1\r\n${body}\r\n0\r\n\r\n`));
    }
    expect(events).toEqual(['head 200', 'body a', 'complete 4000', 'head 200', 'body b', 'complete 4000']);
  });

  test('counts interim heads anew for each response', () => {
    const { reader, events } = new Heard();
    for (let round = 0; round < 3; round++) {
      reader.begin();
      reader.push(Buffer.from(`${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(40)}${OK}content-length: 0\r\n\r\n`));
    }
    expect(events.filter((event) => event === 'complete 4000')).toHaveLength(3);
  });

  test('holds what is there while it is paused, and the end as well', () => {
    const heard = new Heard();
    const { reader, events } = heard;
    heard.pausesAtEach = true;
    reader.begin();
    reader.push(Buffer.from(`${CHUNKED}1\r\na\r\n1\r\nb\r\n`));
    expect(events).toEqual(['head 200', 'body a']);
    expect(reader.isHolding).toBe(true);
    reader.push(Buffer.from('0\r\n\r\n'));
    expect(events).toEqual(['head 200', 'body a']);
    reader.resume();
    expect(events).toEqual(['head 200', 'body ab']);
    reader.resume();
    expect(events).toEqual(['head 200', 'body ab', 'complete 4000']);
    expect(reader.isHolding).toBe(false);
  });

  test('says nothing after it was stopped', () => {
    const { reader, events } = new Heard();
    reader.begin();
    reader.push(Buffer.from(`${OK}content-length: 5\r\n\r\nab`));
    reader.stop();
    reader.push(Buffer.from('cde'));
    expect(reader.end()).toBe(false);
    expect(events).toEqual(['head 200', 'body ab']);
  });
});
