import { isHostlerError } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { createRandom, randomJson, randomText, writeLoosely } from '../test/random-json.ts';
import { messageLimits, parseJson, parseMessage, splitMessage, toMessage } from './envelope.ts';
import { JsonShapeError } from './json-scan.ts';

const NONE = undefined;
const PARSE = -32700;
const INVALID = -32600;

/** JSON-RPC code and echoed id of the refusal. */
function refusal(bytes: Uint8Array): { rpc: number; id: unknown } | 'accepted' {
  try {
    parseMessage(bytes);
  } catch (thrown) {
    if (!isHostlerError(thrown)) throw thrown;
    return { rpc: thrown.kind.rpc, id: thrown.details['id'] };
  }
  return 'accepted';
}

const malformed: readonly [text: string, rpc: number, id: unknown][] = [
  ['', PARSE, NONE],
  [' ', PARSE, NONE],
  ['\n', PARSE, NONE],
  ['{', PARSE, NONE],
  ['}', PARSE, NONE],
  ['{"jsonrpc":"2.0"', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":1,"method":"ping"', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":1,"method":"ping}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":1,"method":"ping"}}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":1,"method":"ping"}{}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":1,"method":"ping",}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":01,"method":"ping"}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":+1,"method":"ping"}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":0x1,"method":"ping"}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":NaN,"method":"ping"}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":undefined,"method":"ping"}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":1 "method":"ping"}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":1,"method":"pi\nng"}', PARSE, NONE],
  ['{"jsonrpc":"2.0","id":1,"method":"\\x"}', PARSE, NONE],
  ["{'jsonrpc':'2.0'}", PARSE, NONE],
  ['{jsonrpc:"2.0"}', PARSE, NONE],
  ['\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}', PARSE, NONE],
  ['// comment\n{}', PARSE, NONE],
  ['GET / HTTP/1.1', PARSE, NONE],
  ['null', INVALID, NONE],
  ['true', INVALID, NONE],
  ['1', INVALID, NONE],
  ['"text"', INVALID, NONE],
  ['[]', INVALID, NONE],
  ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', INVALID, NONE],
  ['{}', INVALID, NONE],
  ['{"id":1,"method":"ping"}', INVALID, 1],
  ['{"jsonrpc":2.0,"id":1,"method":"ping"}', INVALID, 1],
  ['{"jsonrpc":"2","id":"a","method":"ping"}', INVALID, 'a'],
  ['{"jsonrpc":"1.0","id":1,"method":"ping"}', INVALID, 1],
  ['{"jsonrpc":null,"id":1,"method":"ping"}', INVALID, 1],
  ['{"jsonrpc":"2.0"}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":1}', INVALID, 1],
  ['{"jsonrpc":"2.0","id":null,"method":"ping"}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":true,"method":"ping"}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":{},"method":"ping"}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":[1],"method":"ping"}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":1.5,"method":"ping"}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":9007199254740992,"method":"ping"}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":-9007199254740992,"method":"ping"}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":1e400,"method":"ping"}', INVALID, NONE],
  [`{"jsonrpc":"2.0","id":"${'a'.repeat(1025)}","method":"ping"}`, INVALID, NONE],
  ['{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":7,"method":null}', INVALID, 7],
  ['{"jsonrpc":"2.0","id":7,"method":""}', INVALID, 7],
  ['{"jsonrpc":"2.0","id":7,"method":1}', INVALID, 7],
  ['{"jsonrpc":"2.0","id":7,"method":["ping"]}', INVALID, 7],
  ['{"jsonrpc":"2.0","id":7,"method":{}}', INVALID, 7],
  [`{"jsonrpc":"2.0","id":7,"method":"${'m'.repeat(129)}"}`, INVALID, 7],
  ['{"jsonrpc":"2.0","id":"q","method":"ping","params":null}', INVALID, 'q'],
  ['{"jsonrpc":"2.0","id":"q","method":"ping","params":[]}', INVALID, 'q'],
  ['{"jsonrpc":"2.0","id":"q","method":"ping","params":"x"}', INVALID, 'q'],
  ['{"jsonrpc":"2.0","id":"q","method":"ping","params":1}', INVALID, 'q'],
  ['{"jsonrpc":"2.0","id":"q","method":"ping","params":{"__proto__":{}}}', INVALID, 'q'],
  ['{"jsonrpc":"2.0","id":"q","method":"ping","params":{"_meta":null}}', INVALID, 'q'],
  ['{"jsonrpc":"2.0","id":"q","method":"ping","params":{"_meta":[]}}', INVALID, 'q'],
  ['{"jsonrpc":"2.0","id":"q","method":"ping","params":{"_meta":"x"}}', INVALID, 'q'],
  ['{"jsonrpc":"2.0","id":0,"method":"ping","__proto__":{"isAdmin":true}}', INVALID, 0],
  ['{"jsonrpc":"2.0","id":0,"method":"ping","\\u005f_proto__":1}', INVALID, 0],
  ['{"jsonrpc":"2.0","result":{}}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":null,"result":{}}', INVALID, NONE],
  ['{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"x"}}', INVALID, 1],
  ['{"jsonrpc":"2.0","id":1,"error":null}', INVALID, 1],
  ['{"jsonrpc":"2.0","id":1,"error":"x"}', INVALID, 1],
  ['{"jsonrpc":"2.0","id":1,"error":[]}', INVALID, 1],
  [`{"jsonrpc":"2.0","id":1,"method":"ping","params":${'['.repeat(200_000)}`, INVALID, NONE],
  [`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(63)}${']'.repeat(63)}}}`, INVALID, NONE],
  [`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":[${'1,'.repeat(100_000)}1]}}`, INVALID, NONE],
  [`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"${'x'.repeat(1024 * 1024 + 1)}"}}`, INVALID, NONE],
];

describe('parseMessage', () => {
  it('has a table of at least sixty malformed messages', () => {
    expect(malformed.length).toBeGreaterThanOrEqual(60);
  });

  it.each(malformed.map(([text, rpc, id]) => [text.slice(0, 90), rpc, id, text] as const))(
    'refuses %j with %i and id %j',
    (_, rpc, id, text) => {
      expect(refusal(Buffer.from(text))).toEqual({ rpc, id });
    },
  );

  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['UTF-16', [0xff, 0xfe]],
  ])('refuses %s as text that is not UTF-8', (_, bad) => {
    const bytes = Buffer.concat([
      Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"'),
      Buffer.from(bad),
      Buffer.from('"}}'),
    ]);
    expect(refusal(bytes)).toEqual({ rpc: PARSE, id: NONE });
  });

  it.each([0, 1, -1, 9007199254740991, -9007199254740991, '', 'a', 'a'.repeat(1024), '🦊', '\u0000'])(
    'gives a request back with id %j as it came',
    (id) => {
      const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' }));
      expect(parseMessage(bytes)).toEqual({ kind: 'request', id, method: 'ping', params: {} });
    },
  );

  it('tells requests, notifications, results and errors apart', () => {
    const rows: [string, object][] = [
      [
        '"id":1,"method":"m","params":{"a":1,"_meta":{}}',
        { kind: 'request', id: 1, method: 'm', params: { a: 1, _meta: {} } },
      ],
      ['"method":"n"', { kind: 'notification', method: 'n', params: {} }],
      ['"id":"x","result":{"a":null}', { kind: 'result', id: 'x', result: { a: null } }],
      ['"id":"x","result":null', { kind: 'result', id: 'x', result: null }],
      ['"id":1,"error":{"code":-1,"message":"no"}', { kind: 'error', id: 1, error: { code: -1, message: 'no' } }],
      ['"id":null,"error":{"code":-1}', { kind: 'error', id: undefined, error: { code: -1 } }],
      ['"error":{"code":-1}', { kind: 'error', id: undefined, error: { code: -1 } }],
    ];
    for (const [members, expected] of rows) {
      expect(parseMessage(Buffer.from(`{"jsonrpc":"2.0",${members}}`))).toEqual(expected);
    }
  });

  it('takes what stands exactly at every default limit', () => {
    const rows = [
      `"${'m'.repeat(128)}"`,
      `"m","params":{"a":${'['.repeat(62)}${']'.repeat(62)}}`,
      `"m","params":{"a":"${'x'.repeat(1024 * 1024)}"}`,
    ];
    for (const row of rows) {
      expect(refusal(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":${row}}`))).toBe('accepted');
    }
    expect(messageLimits).toEqual({ depth: 64, nodes: 100_000, stringBytes: 1_048_576 });
  });

  it('keeps a dangerous key deeper down as plain data', () => {
    const message = toMessage(JSON.parse('{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":{"__proto__":{"b":1}}}}'));
    const { a } = (message as unknown as { params: { a: object } }).params;
    expect(Object.getPrototypeOf(a)).toBe(Object.prototype);
    expect(Object.keys(a)).toEqual(['__proto__']);
  });

  it('names no text of the message in its refusal', () => {
    const refused = [Buffer.from('{"jsonrpc":"2.0","id":1,"secret":"hunter2","method":5}'), Buffer.from('{"hunter2"')];
    for (const bytes of refused) {
      expect(() => parseMessage(bytes)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
      );
    }
  });
});

describe('parseJson', () => {
  it('parses any value within its own limits, from a view into a larger buffer', () => {
    expect(parseJson(Buffer.from('xx[1,{"a":2}]yy').subarray(2, 13))).toEqual([1, { a: 2 }]);
    expect(() => parseJson(Buffer.from('[[1]]'), { depth: 1, nodes: 10, stringBytes: 10 })).toThrow(
      'nested deeper than 1',
    );
  });
});

describe('splitMessage', () => {
  it('finds what a parser finds in random messages', () => {
    for (let seed = 0; seed < 400; seed++) {
      const random = createRandom(seed);
      const members = {
        jsonrpc: '2.0',
        ...(random.below(4) === 0 ? {} : { id: random.pick([1, 0, -5, 'a', '"\\', '日本']) }),
        ...(random.below(3) === 0 ? { method: `m${randomText(random)}` } : {}),
        ...(random.below(2) === 0 ? { result: randomJson(random) } : { error: randomJson(random) }),
        other: randomJson(random),
      };
      const bytes = Buffer.from(writeLoosely(members, random));
      const parts = splitMessage(bytes);
      const read = (span: { start: number; end: number } | undefined) =>
        span && JSON.parse(bytes.subarray(span.start, span.end).toString('utf8'));
      const { id, method, result, error }: Record<string, unknown> = members;
      expect({ ...parts, result: read(parts.result), error: read(parts.error) }).toEqual({ id, method, result, error });
    }
  });

  it('reads an id of null as none', () => {
    expect(splitMessage(Buffer.from('{"id":null,"error":{}}')).id).toBeUndefined();
  });

  it.each([
    ['{"id":1.5}', 'id is neither a string nor an integer'],
    ['{"id":9007199254740993}', 'id is neither a string nor an integer'],
    ['{"id":{}}', 'id is neither a string nor an integer'],
    ['{"id":true}', 'id is neither a string nor an integer'],
    ['{"id":1x}', 'id or method is not valid'],
    [`{"id":"${'a'.repeat(3000)}"}`, 'id or method is too long'],
    ['{"method":5}', 'method is not a string'],
    ['{"method":null}', 'method is not a string'],
    ['{"id":1,"id":2}', 'key stands twice'],
    ['{"result":1,"\\u0072esult":2}', 'key stands twice'],
    ['[{"id":1}]', 'not an object'],
    ['{"id":1,"result":{}', 'comma expected'],
  ])('refuses %s', (text, problem) => {
    expect(() => splitMessage(Buffer.from(text))).toThrow(new JsonShapeError(problem));
  });

  it('refuses text that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"id":1,"result":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(() => splitMessage(bytes)).toThrow(new JsonShapeError('not UTF-8'));
  });
});
