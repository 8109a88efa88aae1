import { describe, expect, it } from 'vitest';
import { createRandom } from '../test/random-json.ts';
import { createLineReader } from './line-reader.ts';

/** Lines and overflows in the order in which the reader reported them. */
function read(chunks: readonly Uint8Array[], maxLineBytes = 1000): string[] {
  const seen: string[] = [];
  const reader = createLineReader({
    maxLineBytes,
    onLine: (line) => seen.push(Buffer.from(line).toString('utf8')),
    onOverflow: () => seen.push('<overflow>'),
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

describe('createLineReader', () => {
  it('gives the same lines wherever the stream is cut', () => {
    const stream = Buffer.from('one\r\n\ntwo é 🦊\n\r\nthr\ree\r\nlast\nnot ended');
    const lines = ['one', '', 'two é 🦊', '', 'thr\ree', 'last'];
    expect(read([stream])).toEqual(lines);
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second++) {
        const chunks = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)];
        expect(read(chunks)).toEqual(lines);
      }
    }
    expect(read(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(lines);
  });

  it('takes a line of exactly the bound, drops a longer one once, and reads on behind it', () => {
    const stream = Buffer.from('12345\n123456\n1\n1234567890123\n22\n');
    const expected = ['12345', '<overflow>', '1', '<overflow>', '22'];
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(read([stream.subarray(0, cut), stream.subarray(cut)], 5)).toEqual(expected);
    }
    expect(
      read(
        Array.from(stream, (byte) => Uint8Array.of(byte)),
        5,
      ),
    ).toEqual(expected);
  });

  it('reports an overflow before the line has ended', () => {
    expect(read([Buffer.from('123456')], 5)).toEqual(['<overflow>']);
  });

  it('hands on each line before push returns, and nothing before its line break', () => {
    const lines: string[] = [];
    const reader = createLineReader({
      maxLineBytes: 100,
      onLine: (line) => lines.push(Buffer.from(line).toString()),
      onOverflow: () => lines.push('<overflow>'),
    });
    reader.push(Buffer.from('a\nb'));
    expect(lines).toEqual(['a']);
    reader.push(Buffer.from('\n'));
    expect(lines).toEqual(['a', 'b']);
  });

  it('reads a line of 8 MB from small chunks in well under a second', () => {
    const line = Buffer.alloc(8 * 1024 * 1024, 0x61);
    const chunks = Array.from({ length: 512 }, (_, index) => line.subarray(index * 16_384, (index + 1) * 16_384));
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      let size = 0;
      const reader = createLineReader({
        maxLineBytes: line.length,
        onLine: (bytes) => (size = bytes.length),
        onOverflow: () => undefined,
      });
      for (const chunk of chunks) reader.push(chunk);
      reader.push(Buffer.from('\n'));
      expect(size).toBe(line.length);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(300);
  });

  it('gives the lines of random streams as splitting the whole would', () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = createRandom(seed);
      const text = Array.from({ length: 200 }, () => random.pick(['a', 'bc', '\n', '\r\n', 'é'])).join('');
      const stream = Buffer.from(`${text}\n`);
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < stream.length;) {
        const end = at + 1 + random.below(20);
        chunks.push(stream.subarray(at, end));
        at = end;
      }
      expect(read(chunks)).toEqual(text.split(/\r?\n/));
    }
  });
});
