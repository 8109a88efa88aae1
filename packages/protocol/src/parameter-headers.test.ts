import type { Json } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { mirroredArguments, parameterHeaders } from './parameter-headers.ts';

const region = { type: 'string', 'x-mcp-header': 'Region' };

function schema(properties: object, rest: object = {}): Json {
  return { type: 'object', properties, ...rest } as Json;
}

describe('mirroredArguments', () => {
  it.each<[string, Json | undefined, readonly object[]]>([
    ['no schema', undefined, []],
    ['a schema that is no object', true, []],
    ['no declarations', schema({ a: { type: 'string' } }), []],
    ['a declaration', schema({ a: region }), [{ path: ['a'], header: 'mcp-param-region' }]],
    [
      'all three types',
      schema({
        s: { type: 'string', 'x-mcp-header': 'S' },
        i: { type: 'integer', 'x-mcp-header': 'I' },
        b: { type: 'boolean', 'x-mcp-header': 'B' },
      }),
      [
        { path: ['s'], header: 'mcp-param-s' },
        { path: ['i'], header: 'mcp-param-i' },
        { path: ['b'], header: 'mcp-param-b' },
      ],
    ],
    [
      'nested properties',
      schema({ outer: schema({ inner: schema({ a: region }) }) }),
      [{ path: ['outer', 'inner', 'a'], header: 'mcp-param-region' }],
    ],
    [
      'every character of a token',
      schema({ a: { type: 'string', 'x-mcp-header': "!#$%&'*+-.^_`|~09AZaz" } }),
      [{ path: ['a'], header: "mcp-param-!#$%&'*+-.^_`|~09azaz" }],
    ],
    ['a property of that name', schema({ 'x-mcp-header': { type: 'string' } }), []],
    ['a property of that name in a list', schema({ a: { items: schema({ 'x-mcp-header': { type: 'string' } }) } }), []],
    ['a definition of that name', schema({}, { $defs: { 'x-mcp-header': { type: 'string' } } }), []],
    ['data of that name', schema({ a: { default: { 'x-mcp-header': 'A' }, examples: [{ 'x-mcp-header': 'A' }] } }), []],
    ['data of that name in a list', schema({ a: { items: { enum: [{ 'x-mcp-header': 'A' }] } } }), []],
    ['a dependency on that name', schema({}, { dependentRequired: { 'x-mcp-header': ['a'] } }), []],
    [
      'a property called properties',
      schema({ properties: region }),
      [{ path: ['properties'], header: 'mcp-param-region' }],
    ],
  ])('accepts %s', (_, inputSchema, expected) => {
    expect(mirroredArguments(inputSchema)).toEqual(expected);
  });

  it.each<[string, Json]>([
    ['an empty name', schema({ a: { type: 'string', 'x-mcp-header': '' } })],
    ['a name that is no text', schema({ a: { type: 'string', 'x-mcp-header': 5 } })],
    ['a name that is null', schema({ a: { type: 'string', 'x-mcp-header': null } })],
    ['a name with a space', schema({ a: { type: 'string', 'x-mcp-header': 'My Region' } })],
    ['a name with a colon', schema({ a: { type: 'string', 'x-mcp-header': 'Region:' } })],
    ['a name with a line break', schema({ a: { type: 'string', 'x-mcp-header': 'Region\r\nX: 1' } })],
    ['a name that ends in a line break', schema({ a: { type: 'string', 'x-mcp-header': 'Region\n' } })],
    ['a name beyond ASCII', schema({ a: { type: 'string', 'x-mcp-header': 'Région' } })],
    ['a number', schema({ a: { type: 'number', 'x-mcp-header': 'A' } })],
    ['an object', schema({ a: { type: 'object', 'x-mcp-header': 'A' } })],
    ['a list', schema({ a: { type: 'array', 'x-mcp-header': 'A' } })],
    ['null', schema({ a: { type: 'null', 'x-mcp-header': 'A' } })],
    ['no type', schema({ a: { 'x-mcp-header': 'A' } })],
    ['several types', schema({ a: { type: ['string', 'null'], 'x-mcp-header': 'A' } })],
    ['the root', { type: 'string', 'x-mcp-header': 'A' }],
    ['the same name twice', schema({ a: region, b: region })],
    ['names that differ in case only', schema({ a: region, b: { type: 'string', 'x-mcp-header': 'rEGION' } })],
    ['the same name at two depths', schema({ a: region, b: schema({ c: region }) })],
    ['items', schema({ a: { type: 'array', items: region } })],
    ['prefix items', schema({ a: { type: 'array', prefixItems: [region] } })],
    ['contains', schema({ a: { type: 'array', contains: region } })],
    ['additional properties', schema({}, { additionalProperties: region })],
    ['unevaluated properties', schema({}, { unevaluatedProperties: region })],
    ['pattern properties', schema({}, { patternProperties: { '^a': region } })],
    ['property names', schema({}, { propertyNames: region })],
    ['dependent schemas', schema({}, { dependentSchemas: { a: schema({ b: region }) } })],
    ['one of', schema({ a: { oneOf: [{ type: 'null' }, region] } })],
    ['any of, at the root', schema({}, { anyOf: [schema({ a: region })] })],
    ['all of', schema({}, { allOf: [schema({ a: region })] })],
    ['not', schema({ a: { not: region } })],
    ['if', schema({}, { if: schema({ a: region }) })],
    ['then', schema({}, JSON.parse(`{"then":${JSON.stringify(schema({ a: region }))}}`))],
    ['else', schema({}, { else: schema({ a: region }) })],
    ['definitions', schema({ a: { $ref: '#/$defs/r' } }, { $defs: { r: region } })],
    ['old definitions', schema({}, { definitions: { r: region } })],
    ['a property of an item', schema({ a: { items: schema({ b: schema({ c: region }) }) } })],
    ['a valid one beside an invalid one', schema({ a: region, b: { type: 'number', 'x-mcp-header': 'B' } })],
  ])('refuses a declaration with or under %s', (_, inputSchema) => {
    expect(mirroredArguments(inputSchema)).toBeUndefined();
  });
});

describe('parameterHeaders', () => {
  const mirrored = [
    { path: ['region'], header: 'mcp-param-region' },
    { path: ['where', 'zone'], header: 'mcp-param-zone' },
  ];

  it.each<[Json | undefined, Record<string, string>]>([
    [undefined, {}],
    [null, {}],
    ['text', {}],
    [{}, {}],
    [{ region: null, where: null }, {}],
    [
      { region: 'eu', where: { zone: 7 } },
      { 'mcp-param-region': 'eu', 'mcp-param-zone': '7' },
    ],
    [
      { region: true, where: { zone: false } },
      { 'mcp-param-region': 'true', 'mcp-param-zone': 'false' },
    ],
    [
      { region: -0, where: { zone: -42 } },
      { 'mcp-param-region': '0', 'mcp-param-zone': '-42' },
    ],
    [{ region: 1.5 }, { 'mcp-param-region': '1.5' }],
    [{ region: 9007199254740991 }, { 'mcp-param-region': '9007199254740991' }],
    [{ region: 9007199254740992 }, {}],
    [{ region: 1e300 }, {}],
    [{ region: { a: 1 }, where: ['zone'] }, {}],
    [{ region: ['eu'] }, {}],
    [{ region: '' }, { 'mcp-param-region': '=?base64??=' }],
    [{ region: 'a\r\nb' }, { 'mcp-param-region': '=?base64?YQ0KYg==?=' }],
  ])('of %j are %j', (args, headers) => {
    expect(parameterHeaders(mirrored, args)).toEqual(headers);
  });

  it('reads only what the arguments hold themselves', () => {
    const inherited = [
      { path: ['constructor', 'name'], header: 'mcp-param-a' },
      { path: ['__proto__', 'b'], header: 'mcp-param-b' },
    ];
    expect(parameterHeaders(inherited, {})).toEqual({});
    expect(parameterHeaders(inherited, JSON.parse('{"__proto__":{"b":"own"}}'))).toEqual({ 'mcp-param-b': 'own' });
  });
});
