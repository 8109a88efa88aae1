import { Payload } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { createRandom, randomObject, writeLoosely } from '../test/random-json.ts';
import { errorBytes, notificationBytes, onOneLine, requestBytes, responseBytes, resultBytes } from './message-bytes.ts';

describe('message bytes', () => {
  it('writes each kind of message', () => {
    const payload = Payload.ofBytes(Buffer.from('{"n": 9007199254740993, "h":1e400}'));
    const rows: [Buffer, string][] = [
      [
        responseBytes('a"b', { kind: 'result', payload }),
        '{"jsonrpc":"2.0","id":"a\\"b","result":{"n": 9007199254740993, "h":1e400}}',
      ],
      [
        responseBytes(7, { kind: 'error', payload: Payload.of({ code: 1 }) }),
        '{"jsonrpc":"2.0","id":7,"error":{"code":1}}',
      ],
      [errorBytes(undefined, { code: 1 }), '{"jsonrpc":"2.0","id":null,"error":{"code":1}}'],
      [errorBytes('', { code: 1 }), '{"jsonrpc":"2.0","id":"","error":{"code":1}}'],
      [requestBytes(0, 'ping', undefined), '{"jsonrpc":"2.0","id":0,"method":"ping"}'],
      [requestBytes('x', 'm', { a: 1 }), '{"jsonrpc":"2.0","id":"x","method":"m","params":{"a":1}}'],
      [notificationBytes('n', undefined), '{"jsonrpc":"2.0","method":"n"}'],
      [notificationBytes('n', { a: null }), '{"jsonrpc":"2.0","method":"n","params":{"a":null}}'],
      [resultBytes(1, null), '{"jsonrpc":"2.0","id":1,"result":null}'],
    ];
    for (const [bytes, text] of rows) expect(bytes.toString('utf8')).toBe(text);
  });
});

describe('onOneLine', () => {
  it('takes the line breaks out of JSON without changing its value', () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = createRandom(seed);
      const value = randomObject(random);
      const line = Buffer.from(onOneLine(Buffer.from(writeLoosely(value, random))));
      expect(line.toString()).not.toMatch(/[\r\n]/);
      expect(JSON.parse(line.toString())).toEqual(value);
    }
  });

  it('gives back the same bytes when there is no line break, and never writes into its argument', () => {
    const bytes = Buffer.from('{"a":1}');
    expect(onOneLine(bytes)).toBe(bytes);
    const broken = Buffer.from('{\n}');
    onOneLine(broken);
    expect(broken.toString()).toBe('{\n}');
  });
});
