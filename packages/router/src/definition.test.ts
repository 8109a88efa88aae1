import { JsonShapeError, listKinds } from '@hostler/protocol';
import { describe, expect, it } from 'vitest';
import { readDefinitions, readNextCursor } from './definition.ts';

function read(text: string, kind: keyof typeof listKinds = 'tool') {
  const { definitions, unusable } = readDefinitions(Buffer.from(text), listKinds[kind]);
  return { unusable, definitions: definitions.map(({ key, bytes }) => [key, Buffer.from(bytes).toString('utf8')]) };
}

describe('readDefinitions', () => {
  it('finds the key and every byte of each definition', () => {
    const first = '{ "name" : "a\\u0062", "n":9007199254740993, "x-unknown":{ "h":1e400 } }';
    expect(read(`{"nextCursor":"x","tools": [${first} , {"title":"B","name":"b"}]}`)).toEqual({
      unusable: 0,
      definitions: [
        ['ab', first],
        ['b', '{"title":"B","name":"b"}'],
      ],
    });
  });

  it.each([
    ['tool', '{"tools":[{"name":"k"}]}'],
    ['prompt', '{"prompts":[{"name":"k"}]}'],
    ['resource', '{"resources":[{"uri":"k","name":"n"}]}'],
    ['template', '{"resourceTemplates":[{"uriTemplate":"k","name":"n"}]}'],
  ] as const)('reads lists of kind %s', (kind, text) => {
    expect(read(text, kind).definitions.map(([key]) => key)).toEqual(['k']);
  });

  it.each([
    ['{}', 'no name'],
    ['{"name":""}', 'an empty name'],
    ['{"name":5}', 'a name that is no text'],
    ['{"name":null}', 'a name that is null'],
    ['{"name":"\\ud800"}', 'half a character'],
    ['{"name":"\\x"}', 'a broken name'],
    ['{"name":"a","name":"b"}', 'two names'],
    ['{"name":"a","x":1,"x":2}', 'a member twice'],
    ['{"name":"a","x":tru}', 'a broken value'],
    ['{"name":"a","x":[1,]}', 'a broken list'],
    ['{"name":"a" "x":1}', 'a missing comma'],
    ['5', 'a number'],
    ['null', 'null'],
    ['[]', 'a list'],
    ['"a"', 'text'],
  ])('leaves %s out (%s), counts it and keeps the rest', (broken) => {
    expect(read(`{"tools":[{"name":"first"},${broken},{"name":"last"}]}`)).toEqual({
      unusable: 1,
      definitions: [
        ['first', '{"name":"first"}'],
        ['last', '{"name":"last"}'],
      ],
    });
  });

  it('takes a result without the list as an empty one', () => {
    expect(read('{"resultType":"complete"}')).toEqual({ unusable: 0, definitions: [] });
    expect(read('{"tools":[]}')).toEqual({ unusable: 0, definitions: [] });
  });

  it.each(['[]', '{"tools":{}}', '{"tools":5}', '{"tools":[{"name":"a"}', '{"tools":[],"tools":[]}', ''])(
    'refuses %j',
    (text) => {
      expect(() => read(text)).toThrow(JsonShapeError);
    },
  );
});

describe('readNextCursor', () => {
  it.each([
    ['{}', undefined],
    ['{"nextCursor":"a\\u0062"}', 'ab'],
    ['{"nextCursor":""}', ''],
    ['{"nextCursor":null}', undefined],
    ['{"nextCursor":5}', undefined],
  ])('of %s is %j', (text, cursor) => {
    expect(readNextCursor(Buffer.from(text))).toBe(cursor);
  });

  it('refuses what is no object, or a cursor that is broken', () => {
    expect(() => readNextCursor(Buffer.from('[]'))).toThrow(JsonShapeError);
    expect(() => readNextCursor(Buffer.from('{"nextCursor":"\\x"}'))).toThrow(JsonShapeError);
  });
});
