import { Payload } from '@hostler/kernel';
import type { Era, JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { createRandom, randomObject, writeLoosely } from '../test/random-json.ts';
import { JsonShapeError } from './json-scan.ts';
import { resultTypeOf, translateOutcome } from './translate.ts';

const serverInfo = { name: 's', version: '1', 'x-unknown': true };
const info = '"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1","x-unknown":true}';

function translate(text: string, to: Era, method = 'tools/call', kind: 'result' | 'error' = 'result'): string {
  const from = to === 'modern' ? 'legacy' : 'modern';
  const outcome = { kind, era: from, payload: Payload.ofBytes(Buffer.from(text)) } as const;
  const translated = translateOutcome(outcome, to, { method, serverInfo });
  expect(translated).toMatchObject({ kind, era: to });
  return Buffer.from(translated.payload.bytes()).toString('utf8');
}

const cacheable = [
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'server/discover',
];
const other = ['tools/call', 'prompts/get', 'completion/complete'];

describe('translateOutcome', () => {
  it('gives back the same object when the era is right already', () => {
    for (const era of ['legacy', 'modern'] as const) {
      for (const kind of ['result', 'error'] as const) {
        const outcome = { kind, era, payload: Payload.ofBytes(Buffer.from('[never looked at')) };
        expect(translateOutcome(outcome, era, { method: 'tools/call', serverInfo })).toBe(outcome);
      }
    }
  });

  it('refuses a payload that is no object', () => {
    for (const era of ['legacy', 'modern'] as const) {
      for (const kind of ['result', 'error'] as const) {
        for (const text of ['[]', 'null', '"x"', '{"a":1,"a":2}']) {
          expect(() => translate(text, era, 'tools/call', kind)).toThrow(JsonShapeError);
        }
      }
    }
  });
});

describe('a legacy result for a modern client', () => {
  it.each(other)('of %s gets its type and its server', (method) => {
    expect(translate('{"a":1}', 'modern', method)).toBe(`{"resultType":"complete","_meta":{${info}},"a":1}`);
  });

  it.each(cacheable)('of %s gets caching facts as well', (method) => {
    expect(translate('{"a":1}', 'modern', method)).toBe(
      `{"resultType":"complete","ttlMs":0,"cacheScope":"private","_meta":{${info}},"a":1}`,
    );
  });

  it('keeps caching facts that are there, unknown members and numbers that no parser keeps', () => {
    const text =
      '{"ttlMs":5.0,"cacheScope":"public","n":9007199254740993,"h":[1e400],"_meta":{"big":1e999,"x":{ }},"x-y":null}';
    expect(translate(text, 'modern', 'tools/list')).toBe(
      `{"resultType":"complete","ttlMs":5.0,"cacheScope":"public","n":9007199254740993,"h":[1e400],"_meta":{${info},"big":1e999,"x":{ }},"x-y":null}`,
    );
  });

  it('does not let a legacy server choose the type of the result', () => {
    expect(JSON.parse(translate('{"resultType":"input_required","requestState":"x"}', 'modern'))).toMatchObject({
      resultType: 'complete',
    });
  });

  it('says who answered, whatever the server wrote there', () => {
    for (const meta of ['{"io.modelcontextprotocol/serverInfo":{"name":"liar"}}', 'null', '[]', '"x"']) {
      expect(JSON.parse(translate(`{"_meta":${meta}}`, 'modern'))['_meta']).toEqual({
        'io.modelcontextprotocol/serverInfo': serverInfo,
      });
    }
  });
});

describe('a modern result for a legacy client', () => {
  it.each([...cacheable, ...other])('of %s loses what only the modern era has', (method) => {
    const text = `{"resultType":"complete","ttlMs":0,"cacheScope":"private","a" : 9007199254740993,"_meta":{${info}}}`;
    expect(translate(text, 'legacy', method)).toBe('{"a" : 9007199254740993}');
  });

  it('keeps the rest of _meta, and a _meta that is no object', () => {
    expect(translate(`{"_meta":{"a":1e400,${info}}}`, 'legacy')).toBe('{"_meta":{"a":1e400}}');
    expect(translate('{"_meta":{"a":1}}', 'legacy')).toBe('{"_meta":{"a":1}}');
    expect(translate('{"_meta":null}', 'legacy')).toBe('{"_meta":null}');
  });

  it.each([
    ['[1, 9007199254740993]', '[1, 9007199254740993]'],
    ['null', 'null'],
    ['"te\\"xt"', '"te\\"xt"'],
    ['false', 'false'],
    ['1e400', '1e400'],
  ])('has structured content %s wrapped and shown as text', (structured, text) => {
    const shown = JSON.stringify({ type: 'text', text });
    expect(translate(`{"structuredContent":${structured},"content":[{"type":"image"}]}`, 'legacy')).toBe(
      `{"structuredContent":{"result":${structured}},"content":[{"type":"image"},${shown}]}`,
    );
    expect(translate(`{"structuredContent":${structured}}`, 'legacy')).toBe(
      `{"content":[${shown}],"structuredContent":{"result":${structured}}}`,
    );
  });

  it('adds no text where there is some, and wraps no object', () => {
    const content = '"content":[{"type":"image"},{ "type" : "text","text":"[1]"}]';
    expect(translate(`{${content},"structuredContent":[1]}`, 'legacy')).toBe(
      `{${content},"structuredContent":{"result":[1]}}`,
    );
    const object = '{"content":[],"structuredContent":{"a" : 1e400}}';
    expect(translate(object, 'legacy')).toBe(object);
  });

  it('leaves structured content alone in results of other methods', () => {
    expect(translate('{"structuredContent":[1]}', 'legacy', 'prompts/get')).toBe('{"structuredContent":[1]}');
  });

  it('has output schemas that describe no object wrapped, as the content is', () => {
    const tools = (schema: string) => `{"tools":[{"name":"a" , "outputSchema":${schema},"x":1e400},{"name":"b"}]}`;
    const wrapped = (schema: string) =>
      tools(`{"type":"object","properties":{"result":${schema}},"required":["result"]}`);
    for (const schema of [
      '{"type":"array","items":{"type":"string"}}',
      '{ "type" : "string","maxLength":9007199254740993 }',
      '{"type":"null"}',
    ]) {
      expect(translate(tools(schema), 'legacy', 'tools/list')).toBe(wrapped(schema).replace('"a" , ', '"a",'));
    }
    const object = '{"type":"object","properties":{ "n":{"const":1e400}}}';
    expect(translate(tools(object), 'legacy', 'tools/list')).toBe(tools(object));
  });

  it.each([
    '{"anyOf":[{"type":"object"},{"type":"array"}]}',
    '{"type":["object","null"]}',
    '{}',
    'true',
    '{"type":"array","items":{"$ref":"#/$defs/a"},"$defs":{"a":{}}}',
    '{"type":"array","items":{"\\u0024ref":"#"}}',
    '{"type":"array","items":{"$dynamicRef":"#a"}}',
  ])('has output schema %s left out: it fits neither wrapped nor bare content for certain', (schema) => {
    expect(translate(`{"tools":[{"name":"a","outputSchema":${schema}}]}`, 'legacy', 'tools/list')).toBe(
      '{"tools":[{"name":"a"}]}',
    );
  });

  it('takes a list of tools that is empty or missing', () => {
    expect(translate('{"tools":[ ]}', 'legacy', 'tools/list')).toBe('{"tools":[]}');
    expect(translate('{"nextCursor":"x"}', 'legacy', 'tools/list')).toBe('{"nextCursor":"x"}');
  });

  it.each(['{"tools":{}}', '{"tools":[1]}', '{"tools":[{"outputSchema":{"a":tru}}]}', '{"tools":[{},]}'])(
    'refuses %s',
    (text) => {
      expect(() => translate(text, 'legacy', 'tools/list')).toThrow(JsonShapeError);
    },
  );
});

describe('both ways', () => {
  it('brings back what was there, for any result and method', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandom(seed);
      const value = {
        ...randomObject(random),
        content: [],
        ...(random.below(2) === 0 ? {} : { _meta: { kept: randomObject(random) } }),
      };
      const method = random.pick([...cacheable, ...other]);
      const legacy = Payload.ofBytes(Buffer.from(writeLoosely(value, random)));
      const context = { method, serverInfo };
      const modern = translateOutcome({ kind: 'result', era: 'legacy', payload: legacy }, 'modern', context);
      expect(modern.payload.value()).toMatchObject(value);
      expect(translateOutcome(modern, 'legacy', context).payload.value()).toEqual(value);
    }
  });
});

describe('what tools say of running as tasks', () => {
  it.each<[string, string]>([
    ['{"name":"a","execution":{"taskSupport":"required"},"n":1e400}', '{"name":"a","n":1e400}'],
    [
      '{"name":"a","execution":{"other" : 1e400,"taskSupport":"optional"}}',
      '{"name":"a","execution":{"other" : 1e400}}',
    ],
    ['{"name":"a","execution":{"other":1}}', '{"name":"a","execution":{"other":1}}'],
    ['{"name":"a","execution":{}}', '{"name":"a"}'],
    ['{"name":"a","execution":null}', '{"name":"a","execution":null}'],
    ['{"name":"execution"}', '{"name":"execution"}'],
    ['{"inputSchema":{"execution":{"taskSupport":"x"}}}', '{"inputSchema":{"execution":{"taskSupport":"x"}}}'],
  ])('%s becomes %s in the other era', (tool, expected) => {
    for (const era of ['legacy', 'modern'] as const) {
      const { tools } = JSON.parse(translate(`{"tools":[{"name":"b"},${tool}]}`, era, 'tools/list'));
      expect(tools).toEqual([{ name: 'b' }, JSON.parse(expected)]);
      expect(translate(`{"tools":[${tool}]}`, era, 'tools/list')).toContain(expected);
    }
  });

  it('is looked for in lists of tools alone', () => {
    const text = '{"tools":[{"execution":{"taskSupport":"required"}}]}';
    expect(translate(text, 'legacy', 'tools/call')).toBe(text);
    expect(translate('{"tools":{"execution":{}}}', 'modern', 'tools/list')).toContain('"tools":{"execution":{}}');
  });
});

describe('errors', () => {
  it.each<[Era, string, string]>([
    [
      'modern',
      '{"code":-32002,"message":"gone","data":{"n":9007199254740993}}',
      '{"code":-32602,"message":"gone","data":{"n":9007199254740993}}',
    ],
    ['modern', '{"code":-32002.0,"message":"gone"}', '{"code":-32602,"message":"gone"}'],
    ['modern', '{"code":-32601,"message":"x"}', '{"code":-32601,"message":"x"}'],
    ['modern', '{"code":-32020,"message":"x"}', '{"code":-32020,"message":"x"}'],
    ['legacy', '{"code":-32020,"message":"x"}', '{"code":-32603,"message":"x"}'],
    ['legacy', '{"code":-32021,"message":"x","data":{"a":1e400}}', '{"code":-32603,"message":"x","data":{"a":1e400}}'],
    ['legacy', '{"code":-32022,"message":"x"}', '{"code":-32603,"message":"x"}'],
    ['legacy', '{"code":-32002,"message":"x"}', '{"code":-32002,"message":"x"}'],
    ['legacy', '{"code" : -32602 , "x-unknown":1e400}', '{"code" : -32602 , "x-unknown":1e400}'],
    ['legacy', '{"message":"no code"}', '{"message":"no code"}'],
  ])('for a %s client: %s becomes %s', (era, text, expected) => {
    expect(translate(text, era, 'tools/call', 'error')).toBe(expected);
  });
});

describe('resultTypeOf', () => {
  it.each<[JsonObject, string]>([
    [{}, 'complete'],
    [{ resultType: 'complete' }, 'complete'],
    [{ resultType: 'input_required' }, 'input_required'],
    [{ resultType: 'task' }, 'task'],
    [{ resultType: 5 }, 'complete'],
    [{ resultType: null }, 'complete'],
    [{ inner: { resultType: 'task' } }, 'complete'],
  ])('of %j is %s', (result, type) => {
    expect(resultTypeOf(Payload.of(result))).toBe(type);
  });

  it('refuses what it cannot read', () => {
    expect(() => resultTypeOf(Payload.ofBytes(Buffer.from('{"resultType":tru}')))).toThrow(JsonShapeError);
    expect(() => resultTypeOf(Payload.of([]))).toThrow(JsonShapeError);
  });
});
