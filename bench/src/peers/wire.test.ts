import { describe, expect, it } from 'vitest';
import { readAnswer, requestText } from './wire.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

describe('readAnswer', () => {
  it('waits for the whole of an answer with a length, and leaves what follows', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
    for (let size = 0; size < text.length; size++) expect(readAnswer(bytes(text.slice(0, size)))).toBeUndefined();
    const read = readAnswer(bytes(`${text}HTTP/1.1 `));
    expect(read?.answer.status).toBe(200);
    expect(read?.answer.body.toString()).toBe('hello');
    expect(read?.length).toBe(text.length);
  });

  it('puts chunks together, however they arrive', () => {
    const text = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\na\r\n, chunked!\r\n0\r\n\r\n';
    for (let size = 0; size < text.length; size++) expect(readAnswer(bytes(text.slice(0, size)))).toBeUndefined();
    expect(readAnswer(bytes(text))?.answer.body.toString()).toBe('hello, chunked!');
    expect(readAnswer(bytes(text))?.length).toBe(text.length);
  });

  it('refuses what has no end of its own, and what is not HTTP', () => {
    expect(() => readAnswer(bytes('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('ends with its connection');
    expect(() => readAnswer(bytes('SSH-2.0\r\n\r\n'))).toThrow('not an answer');
    expect(readAnswer(bytes('HTTP/1.1 204 No Content\r\n\r\n'))?.answer.status).toBe(204);
  });
});

describe('requestText', () => {
  it('counts bytes, not characters, and keeps the query', () => {
    const text = requestText('POST', new URL('http://127.0.0.1:1/messages?sessionId=a'), 'a: b\r\n', '"ü"');
    expect(text).toBe(
      'POST /messages?sessionId=a HTTP/1.1\r\nhost: 127.0.0.1:1\r\na: b\r\ncontent-length: 4\r\n\r\n"ü"',
    );
  });
});
