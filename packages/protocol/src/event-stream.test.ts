import { describe, expect, it } from 'vitest';
import { createEventReader, eventBytes, keepAliveText } from './event-stream.ts';

type Seen = { event: string; data: string; id?: string; retry?: number } | '<overflow>';

function read(chunks: readonly Uint8Array[], maxEventBytes = 1000): Seen[] {
  const seen: Seen[] = [];
  const reader = createEventReader({
    maxEventBytes,
    onEvent: (event) => seen.push({ ...event, data: Buffer.from(event.data).toString('utf8') }),
    onOverflow: () => seen.push('<overflow>'),
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

/** What the stream gives whole; checked to be the same when it is cut at any place, and into single bytes. */
function readAnyCut(text: string, maxEventBytes?: number): Seen[] {
  const stream = Buffer.from(text);
  const seen = read([stream], maxEventBytes);
  for (let cut = 0; cut <= stream.length; cut++) {
    expect(read([stream.subarray(0, cut), stream.subarray(cut)], maxEventBytes)).toEqual(seen);
  }
  expect(
    read(
      Array.from(stream, (byte) => Uint8Array.of(byte)),
      maxEventBytes,
    ),
  ).toEqual(seen);
  return seen;
}

describe('createEventReader', () => {
  it.each<[string, string, Seen[]]>([
    ['one event', 'data: {"a":1}\n\n', [{ event: 'message', data: '{"a":1}' }]],
    [
      'CRLF line breaks',
      'event: x\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n',
      [
        { event: 'x', data: '1' },
        { event: 'message', data: '2' },
      ],
    ],
    ['several data lines', 'data: a\ndata: b\ndata:\ndata: c\n\n', [{ event: 'message', data: 'a\nb\n\nc' }]],
    ['two empty data lines', 'data\ndata\n\n', [{ event: 'message', data: '\n' }]],
    ['an empty data line', 'data:\n\n', [{ event: 'message', data: '' }]],
    ['comments', ': hello\ndata: 1\n: between\n\n:\n\n', [{ event: 'message', data: '1' }]],
    ['only one space taken off', 'data:  two\ndata:none\n\n', [{ event: 'message', data: ' two\nnone' }]],
    ['colons in the data', 'data: a: b\n\n', [{ event: 'message', data: 'a: b' }]],
    ['an empty event name', 'event:\ndata: 1\n\n', [{ event: 'message', data: '1' }]],
    ['an id and a retry', 'id: 7\nretry: 1500\ndata: 1\n\n', [{ event: 'message', data: '1', id: '7', retry: 1500 }]],
    [
      'an id without data',
      'id: 7\ndata\n\nid: 8\n\n',
      [
        { event: 'message', data: '', id: '7' },
        { event: 'message', data: '', id: '8' },
      ],
    ],
    ['an id that holds a null byte', 'id: 7\u0000\ndata: 1\n\n', [{ event: 'message', data: '1' }]],
    [
      'an id that belongs to one event only',
      'id: 7\ndata: 1\n\ndata: 2\n\n',
      [
        { event: 'message', data: '1', id: '7' },
        { event: 'message', data: '2' },
      ],
    ],
    [
      'retries that are no whole number',
      'retry: 1.5\nretry: -1\nretry: x\nretry: 9999999999\ndata: 1\n\n',
      [{ event: 'message', data: '1' }],
    ],
    ['unknown fields', 'foo: 1\ndatax: 2\n data: 3\ndata: 4\n\n', [{ event: 'message', data: '4' }]],
    ['blank lines alone', '\n\n\r\n\n', []],
    ['an event without data', 'event: x\n\ndata: 1\n\n', [{ event: 'message', data: '1' }]],
    ['an event that is not ended', 'data: 1\n\ndata: 2\n', [{ event: 'message', data: '1' }]],
    ['text beyond ASCII', 'data: é🦊日本\n\n', [{ event: 'message', data: 'é🦊日本' }]],
  ])('reads %s, wherever the stream is cut', (_, stream, expected) => {
    expect(readAnyCut(stream)).toEqual(expected);
  });

  it('takes an event of exactly the bound, drops one that is longer as a whole, and reads on', () => {
    const after: Seen = { event: 'message', data: 'after' };
    const tooLong = [
      'data: 1234567890123\nid: 5\nevent: x\n\n',
      'data: 12345678901\n\n',
      'id: 5\ndata: 12345\ndata: 123456\ndata: 7\n\n',
      `data: 1\ndata: ${'x'.repeat(100)}\ndata: 2\nid: 5\n\n`,
      `data: ${'x'.repeat(100)}\ndata: ${'x'.repeat(100)}\n\n`,
      'data: 12345\ndata\ndata\ndata\ndata\ndata\ndata\n\n',
    ];
    for (const stream of tooLong) expect(readAnyCut(`${stream}data: after\n\n`, 10)).toEqual(['<overflow>', after]);
    expect(readAnyCut('data: 1234567890\n\ndata: 12345\ndata: 6789\n\n', 10)).toEqual([
      { event: 'message', data: '1234567890' },
      { event: 'message', data: '12345\n6789' },
    ]);
  });

  it('counts data lines that hold nothing', () => {
    expect(read([Buffer.from('data:\n'.repeat(100))], 50)).toEqual(['<overflow>']);
  });
});

describe('eventBytes', () => {
  it('writes what the reader reads, on one line, with and without an id', () => {
    const message = Buffer.from('{\r\n"a": "é",\n"b":1}');
    const stream = Buffer.concat([eventBytes(message), Buffer.from(keepAliveText), eventBytes(message, '3-7')]);
    expect(read([stream])).toEqual([
      { event: 'message', data: '{  "a": "é", "b":1}' },
      { event: 'message', data: '{  "a": "é", "b":1}', id: '3-7' },
    ]);
  });
});
