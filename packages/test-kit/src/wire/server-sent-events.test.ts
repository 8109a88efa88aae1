import { describe, expect, it } from 'vitest';
import { createEventParser } from './server-sent-events.ts';

describe('createEventParser', () => {
  it('reads every field of an event', () => {
    expect(createEventParser()('event: message\nid: 7\nretry: 100\ndata: {"a":1}\n\n')).toEqual([
      { event: 'message', id: '7', retry: 100, data: '{"a":1}' },
    ]);
  });

  it('gives events only when their blank line has come, wherever the stream is cut', () => {
    const parse = createEventParser();
    expect(parse('data: o')).toEqual([]);
    expect(parse('ne\n')).toEqual([]);
    expect(parse('\ndata: two\n\n')).toEqual([{ data: 'one' }, { data: 'two' }]);
  });

  it('joins data lines and keeps empty data apart from none', () => {
    const parse = createEventParser();
    expect(parse('data: a\ndata: b\n\n')).toEqual([{ data: 'a\nb' }]);
    expect(parse('id: 1\ndata: \n\n')).toEqual([{ id: '1', data: '' }]);
    expect(parse(': keepalive\n\n')).toEqual([{ comments: ['keepalive'] }]);
  });

  it('understands CRLF', () => {
    expect(createEventParser()('event: x\r\ndata: y\r\n\r\n')).toEqual([{ event: 'x', data: 'y' }]);
  });
});
