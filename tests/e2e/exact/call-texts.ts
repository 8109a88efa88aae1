import { FOREIGN, OWN } from './exact-host.ts';

/** What a case leaves to the path that it goes. */
export interface Slots {
  /** What clients call the tool. */
  readonly tool: string;
  /** JSON of `_meta`. */
  readonly meta: string;
}

/** One request as it is written by hand. */
export interface CallText {
  readonly name: string;
  readonly body: (slots: Slots) => string | Buffer;
}

const HIDDEN_LETTERS = FOREIGN.replace('s', '\\u0073');
const KEYS = ['__proto__', '\\u005f_proto__', 'constructor', 'toString', 'hasOwnProperty', '', '2', '\\u0000', 'a b'];
const NUMBERS =
  '1e400 -1e400 -0 0.0 1E2 1e-400 1.0 12345678901234567890 9007199254740993 0.1000000000000000055511151231257827';
const NO_NUMBERS = '01 +1 .5 1. 0x10 NaN Infinity 1e 1_000 - undefined True';
const STRINGS = [
  '\\ud800',
  '\\udc00\\ud800',
  '\\u2028\u2028',
  '\u0085\u00ad\u200b',
  '\u{1f98a}',
  '\\/',
  '\\u0000',
  '\u007f',
];

/** Arguments of a call: valid ones, others, and such that mean different things to different parsers. */
const ARGUMENTS: readonly string[] = [
  '{}',
  ' \t\r\n{ \t\r\n"text"\n:\r"a"\t} ',
  '{"text":"a","text":"b"}',
  `{"text":"${FOREIGN}","text":"b"}`,
  `{"text":"b","text":"${FOREIGN}"}`,
  `{"text":"b","te\\u0078t":"${FOREIGN}"}`,
  `{"te\\u0078t":"${FOREIGN}","text":"b"}`,
  `{"text":"${HIDDEN_LETTERS}"}`,
  `{"text":["a",{"b":"${HIDDEN_LETTERS}","b":1}]}`,
  `{"${FOREIGN}":1}`,
  `{"${HIDDEN_LETTERS}":1,"${FOREIGN}":2}`,
  `{"text":"${Buffer.from(FOREIGN).toString('base64')}"}`,
  `{"text":"${Buffer.from(FOREIGN).toString('hex')}"}`,
  `{"text":"${OWN}"}`,
  `{"${OWN}":"${OWN}"}`,
  '{"a":{"b":1,"b":2},"c":[{"d":1,"d":{"d":1,"d":2}}]}',
  '{"hidden":1}',
  '{"hidd\\u0065n":1}',
  '{"fixed":"mine"}',
  '{"\\u0066ixed":"mine","text":1}',
  '{"level":"high"}',
  '{"level":"high","lev\\u0065l":null}',
  '{"__proto__":{"fixed":"mine","hidden":1}}',
  '{"__proto__":null,"text":{"__proto__":{"toString":1}}}',
  ...KEYS.map((key) => `{"${key}":1,"text":{"${key}":{"${key}":2}},"1":0}`),
  ...NUMBERS.split(' ').map((number) => `{"text":${number},"list":[${number}]}`),
  ...NO_NUMBERS.split(' ').map((number) => `{"text":${number}}`),
  ...STRINGS.map((text) => `{"text":"${text}","${text}":1}`),
  '{"text":"\n"}',
  '{"text":"\u0000"}',
  '{"text":"\\x41"}',
  "{'text':1}",
  '{"text":1,}',
  '{"text":[1,]}',
  '{"text":1/**/}',
  `{"text":${'['.repeat(50)}${']'.repeat(50)}}`,
  `{"text":${'['.repeat(100)}${']'.repeat(100)}}`,
  `{"text":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
  'null',
  '[]',
  `["${FOREIGN}"]`,
  '[{"hidden":1,"fixed":"mine"}]',
  '"text"',
  `"${FOREIGN}"`,
  '5',
  'true',
];

const call = (name: string, write: (slots: Slots) => string | Buffer): CallText => ({ name, body: write });
const around = (head: string, params: string, tail = ''): string =>
  `{"jsonrpc":"2.0",${head}"params":{${params}}${tail}}`;
const PLAIN = '"id":1,"method":"tools/call",';

const byArguments = (text: string): CallText =>
  call(text.slice(0, 80), ({ tool, meta }) => around(PLAIN, `"name":"${tool}","_meta":${meta},"arguments":${text}`));

/** Everything of which one could think that one part of the host reads it so and another so. */
export const CALL_TEXTS: readonly CallText[] = [
  ...ARGUMENTS.map(byArguments),
  call('arguments twice, the first with a secret', ({ tool, meta }) =>
    around(PLAIN, `"name":"${tool}","arguments":{"a":"${FOREIGN}"},"_meta":${meta},"arguments":{"b":1}`),
  ),
  call('arguments twice, the second with a secret', ({ tool, meta }) =>
    around(PLAIN, `"name":"${tool}","arguments":{"b":1},"_meta":${meta},"argument\\u0073":{"a":"${FOREIGN}"}`),
  ),
  call('arguments twice, one hidden', ({ tool, meta }) =>
    around(PLAIN, `"name":"${tool}","arguments":{"hidden":1},"_meta":${meta},"arguments":null`),
  ),
  call('no arguments', ({ tool, meta }) => around(PLAIN, `"name":"${tool}","_meta":${meta}`)),
  call('name twice, the first unknown', ({ tool, meta }) =>
    around(PLAIN, `"name":"keeper__none","name":"${tool}","_meta":${meta},"arguments":{}`),
  ),
  call('name twice, the second unknown', ({ tool, meta }) =>
    around(PLAIN, `"name":"${tool}","\\u006eame":"keeper__none","_meta":${meta},"arguments":{}`),
  ),
  call('name escaped', ({ tool, meta }) =>
    around(
      PLAIN,
      `"\\u006eame":"\\u00${tool.charCodeAt(0).toString(16)}${tool.slice(1)}","_meta":${meta},"arguments":{}`,
    ),
  ),
  call(
    'params twice',
    ({ tool, meta }) =>
      `{"jsonrpc":"2.0",${PLAIN}"params":{"name":"keeper__echo"},"params":{"name":"${tool}","_meta":${meta},"arguments":{}}}`,
  ),
  call(
    'params first',
    ({ tool, meta }) =>
      `{"params":{"arguments":{"text":"a"},"_meta":${meta},"name":"${tool}"},"method":"tools/call","id":1,"jsonrpc":"2.0"}`,
  ),
  call('method twice', ({ tool, meta }) =>
    around('"id":1,"method":"tools/list","method":"tools/call",', `"name":"${tool}","_meta":${meta},"arguments":{}`),
  ),
  call('method twice, the last another', ({ tool, meta }) =>
    around(PLAIN, `"name":"${tool}","_meta":${meta},"arguments":{}`, ',"m\\u0065thod":"tools/list"'),
  ),
  call('id twice', ({ tool, meta }) =>
    around(`"id":"x",${PLAIN}`, `"name":"${tool}","_meta":${meta},"arguments":{}`, ',"\\u0069d":3'),
  ),
  call('more params', ({ tool, meta }) =>
    around(PLAIN, `"name":"${tool}","_meta":${meta},"arguments":{},"more":{"more":1,"more":"${FOREIGN}"}`),
  ),
  call('more members', ({ tool, meta }) =>
    around(`"more":"${FOREIGN}",${PLAIN}`, `"name":"${tool}","_meta":${meta},"arguments":{}`),
  ),
  call('a byte order mark', (slots) => `\ufeff${textOf(slots, '{}')}`),
  ...['}', ',', ' null', '{}', '\n{"jsonrpc":"2.0"}', '\u0000'].map((more) =>
    call(`followed by ${JSON.stringify(more)}`, (slots) => textOf(slots, '{}') + more),
  ),
  call('two in one', (slots) => `${textOf(slots, '{}')}\n${textOf(slots, '{"hidden":1}')}`),
  call('a batch', (slots) => `[${textOf(slots, '{}')}]`),
  call('cut off', (slots) => textOf(slots, '{"text":"a"}').slice(0, -3)),
  ...['ff', 'c0a2', 'eda080', 'f4908080', 'e282'].map((bytes) =>
    call(`no UTF-8: ${bytes}`, (slots) => withBytes(textOf(slots, '{"text":"@"}'), Buffer.from(bytes, 'hex'))),
  ),
  call('UTF-16', (slots) => Buffer.from(textOf(slots, '{}'), 'utf16le')),
];

/** A call with these arguments. */
export function textOf({ tool, meta }: Slots, text: string): string {
  return around(PLAIN, `"name":"${tool}","_meta":${meta},"arguments":${text}`);
}

function withBytes(text: string, bytes: Buffer): Buffer {
  const [before = '', after = ''] = text.split('"@"');
  return Buffer.concat([Buffer.from(`${before}"`), bytes, Buffer.from(`"${after}`)]);
}
