import { FOREIGN, OWN } from './exact-host.ts';
import type { Era } from './recital.ts';

/** One answer as its server writes it; `@ID@` stands for the id. */
export interface AnswerText {
  readonly name: string;
  readonly bytes: Buffer;
}

const escaped = (text: string): string => text.replaceAll(/[a-e]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const list = (text: string): string => `"content":[{"type":"text","text":"${text}"}]`;

/** Members of a result that are hard to read, or easy to misread. */
const RESULTS: readonly string[] = [
  list('plain'),
  ` \t${list('spaces')} ,\t"isError" \t: true `,
  `${list('failed')},"isError":true`,
  `${list('failed')},"isErr\\u006fr":true`,
  `"\\u0069sError":true,${list('failed')}`,
  `${list('not failed')},"isError":false`,
  `${list('twice')},"isError":false,"isError":true`,
  `${list('twice')},"isError":true,"isErr\\u006fr":false`,
  `${list('twice')},"isErr\\u006fr":false,"\\u0069sError":true`,
  `${list('failed within')},"structuredContent":{"isError":true}`,
  `${list('\\"isError\\":true')}`,
  `${list('odd')},"isError":"true"`,
  `${list('odd')},"isError":1`,
  `${list('one')},${list('two')}`,
  `${list(OWN)}`,
  `${list(FOREIGN)},${list('clean')}`,
  `${list('clean')},${list(FOREIGN)}`,
  `${list('clean')},"c\\u006fntent":"${FOREIGN}"`,
  `${list(escaped(FOREIGN))}`,
  `${list(`\\"${FOREIGN}\\"`)}`,
  `${list(base64(FOREIGN))}`,
  `${list(Buffer.from(FOREIGN).toString('hex'))}`,
  `${list('key')},"${FOREIGN}":1,"${OWN}":2`,
  `${list('key')},"${escaped(FOREIGN)}":{"${FOREIGN}":"${FOREIGN}","${FOREIGN}":"${escaped(FOREIGN)}"}`,
  `${list(`a${FOREIGN}b${OWN}`)},"isError":true`,
  `${list('numbers')},"structuredContent":{"a":1e400,"b":-0,"c":12345678901234567890,"d":1E2,"d":2}`,
  `${list('\\ud800 \\udc00\\ud800')}`,
  `${list('\u2028\u0085\ufeff🦊')}`,
  `${list('deep')},"structuredContent":${'['.repeat(400)}${']'.repeat(400)}`,
  `${list('deeper')},"structuredContent":${'['.repeat(600)}${']'.repeat(600)}`,
  `${list('proto')},"__proto__":{"isError":true}`,
];

const GOOD = `{${list('good')}}`;
const BAD = `{${list(FOREIGN)}}`;

/** Whole messages: what stands around the result. */
const MESSAGES: readonly string[] = [
  `{"result":${GOOD},"id":@ID@,"jsonrpc":"2.0"}`,
  ` \t{ "jsonrpc" : "2.0" ,"id":\t@ID@ , "result" :${GOOD} }\t`,
  `{"jsonrpc":"2.0","id":@ID@,"result":${GOOD},"result":${BAD}}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":${BAD},"result":${GOOD}}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":${GOOD},"res\\u0075lt":${BAD}}`,
  `{"jsonrpc":"2.0","id":@ID@,"res\\u0075lt":${GOOD}}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":${GOOD},"error":{"code":1,"message":"${FOREIGN}"}}`,
  `{"jsonrpc":"2.0","id":@ID@,"error":{"code":1,"message":"m"},"result":${GOOD}}`,
  `{"jsonrpc":"2.0","id":@ID@,"error":{"code":1,"message":"${escaped(FOREIGN)}","message":"${FOREIGN}"}}`,
  `{"jsonrpc":"2.0","id":@ID@,"error":{"code":1,"message":"a","data":{"${FOREIGN}":"${OWN}"}}}`,
  `{"jsonrpc":"2.0","id":@ID@,"id":7,"result":${GOOD}}`,
  `{"jsonrpc":"2.0","id":7,"\\u0069d":@ID@,"result":${GOOD}}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":${GOOD},"more":"${FOREIGN}"}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":null}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":["${FOREIGN}"]}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":"${FOREIGN}"}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":${GOOD}}}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":${GOOD}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":${GOOD}} ${BAD}`,
  `[{"jsonrpc":"2.0","id":@ID@,"result":${GOOD}}]`,
  `\ufeff{"jsonrpc":"2.0","id":@ID@,"result":${GOOD}}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":{${list('comma')},}}`,
  `{"jsonrpc":"2.0","id":@ID@,"result":{${list('literal')},"a":tru}}`,
];

/** Every one of them, as a server of that era says it. */
export function answerTexts(era: Era): readonly AnswerText[] {
  const type = era === 'modern' ? '"resultType":"complete",' : '';
  const texts = [...RESULTS.map((members) => resultOf(`{${members}}`)), ...MESSAGES];
  const written = texts.map((text) => ({
    name: text.slice(28, 120),
    bytes: Buffer.from(text.replaceAll(/("res(?:u|\\u0075)lt"\s*:\s*\{)/g, `$1${type}`)),
  }));
  return [...written, ...['ff', 'c0a2', 'eda080'].map((bytes) => notUtf8(type, bytes))];
}

/** Some of them with so much in them that they may be passed on while they arrive. */
export function largeAnswerTexts(era: Era, size: number): readonly AnswerText[] {
  const type = era === 'modern' ? '"resultType":"complete",' : '';
  const filling = 'lorem ipsum \\"dolor\\" sit amet 🦊 '.repeat(Math.ceil(size / 2 / 34));
  const around = (begin: string, middle: string, end: string, tail = ''): string =>
    `{"jsonrpc":"2.0","id":@ID@,"result":{${type}${begin}"a":"${filling}",${middle}"b":"${filling}"${end}}${tail}}`;
  const texts: Readonly<Record<string, string>> = {
    plain: around('', '', ''),
    'failed at the beginning': around('"isError":true,', '', ''),
    'failed in the middle': around('', '"isError" : true ,', ''),
    'failed at the end, escaped': around('', '', ',"\\u0069sError":true'),
    'failed, and not': around('"isError":true,', '', ',"isErr\\u006fr":false'),
    'not failed, and failed': around('"isError":false,', '', ',"isError":true'),
    'a secret at the beginning': around(`"s":"${FOREIGN}",`, '', ''),
    'a secret in the middle': around('', `"s":"${escaped(FOREIGN)}","${FOREIGN}":1,`, ''),
    'secrets in both of two': around('', `"s":"${FOREIGN}","s":"${escaped(FOREIGN)}",`, `,"s":"${base64(FOREIGN)}"`),
    'a secret at the end': around('', '', `,"${escaped(FOREIGN)}":["${OWN}"]`),
    'secrets within a text': withLast(around('', '', '').replace('ipsum', FOREIGN), escaped(OWN)),
    'another result behind it': around('', '', '', `,"result":${BAD}`),
    'another result, escaped': around('', '', '', `,"res\\u0075lt":{}`),
    'an error behind it': around('', '', '', `,"error":{"code":1,"message":"${FOREIGN}"}`),
    'another id behind it': around('', '', '', ',"\\u0069d":7'),
    'more behind it': around('', '', '', ',"more":1'),
    'too much behind it': around('', '', '', '}'),
    'two types': around('', '', ',"resultType":"task"'),
    'cut off': around('', '', '').slice(0, -20),
  };
  return Object.entries(texts).map(([name, text]) => ({ name: `${size}: ${name}`, bytes: Buffer.from(text) }));
}

/** In the place of a word of the filling. */
function withLast(text: string, word: string): string {
  const at = text.lastIndexOf('ipsum');
  return text.slice(0, at) + word + text.slice(at + 'ipsum'.length);
}

function resultOf(result: string): string {
  return `{"jsonrpc":"2.0","id":@ID@,"result":${result}}`;
}

function notUtf8(type: string, bytes: string): AnswerText {
  const text = resultOf(`{${type}${list('@')}}`);
  const [before = '', after = ''] = text.split('"@"');
  const all = [Buffer.from(`${before}"`), Buffer.from(bytes, 'hex'), Buffer.from(`"${after}`)];
  return { name: `no UTF-8: ${bytes}`, bytes: Buffer.concat(all) };
}
