import type { Random } from './random.ts';

const LINE = 'POST /mcp HTTP/1.1\r\n';
const HOST = 'Host: localhost:8000\r\n';
const BODY = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const LENGTH = `content-length: ${BODY.length}\r\n`;

export const plainPost = `${LINE}${HOST}Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n${LENGTH}\r\n${BODY}`;

/** With this in the place of its first line. */
const withLine = (line: string): string => `${line}\r\n${HOST}${LENGTH}\r\n${BODY}`;
/** With this target. */
const to = (target: string): string => withLine(`POST ${target} HTTP/1.1`);
/** With these fields as well; each ends its own line. */
const withFields = (fields: string): string => `${LINE}${HOST}${fields}${LENGTH}\r\n${BODY}`;
/** With them behind those that it has. */
const withLast = (fields: string): string => `${LINE}${HOST}${LENGTH}${fields}\r\n${BODY}`;
const withField = (field: string): string => withFields(`${field}\r\n`);
/** With these fields for its length. */
const framed = (fields: string, body = 'x'): string => `${LINE}${HOST}${fields}\r\n${body}`;
const numbered = (count: number): string => Array.from({ length: count }, (_, index) => `x-${index}: v\r\n`).join('');

/** A request whose head has so many bytes before the empty line, most of them in one place. */
export function postOfSize(size: number, place: 'target' | 'name' | 'value' | 'blanks' | 'fields'): string {
  const head = (target: string, fields: string): string => `POST /${target} HTTP/1.1\r\n${HOST}${LENGTH}${fields}`;
  const fields = place === 'name' ? '?: v\r\n' : place === 'value' ? 'a: ?\r\n' : place === 'blanks' ? 'a: ?v\r\n' : '';
  const rest = size + 2 - head('', fields.replace('?', '')).length;
  if (place === 'target') return `${head('t'.repeat(rest), '')}\r\n${BODY}`;
  if (place !== 'fields') {
    const filling = { name: 'n', value: 'v', blanks: ' ' }[place].repeat(rest);
    return `${head('', fields.replace('?', filling))}\r\n${BODY}`;
  }
  // Lines of ten bytes, and one that fills up.
  const lines = Array.from(
    { length: Math.floor(rest / 200) },
    (_, index) => `x-${index + 100}: ${'v'.repeat(191)}\r\n`,
  );
  const last = rest - lines.join('').length;
  const filled = last < 5 ? '' : `z: ${'v'.repeat(last - 5)}\r\n`;
  return `${head('', lines.join('') + filled)}\r\n${BODY}`;
}

/** What is answered directly. */
export const PLAIN: Readonly<Record<string, string>> = {
  'as a client sends it': plainPost,
  'nothing but what it needs': framed('content-length: 0\r\n', ''),
  'a host without a name': `${LINE}host:\r\n${LENGTH}\r\n${BODY}`,
  'the length first': `${LINE}${LENGTH}${HOST}\r\n${BODY}`,
  'its connection stays': withField('Connection: keep-alive'),
  'its connection stays, in other letters': withField('CONNECTION: Keep-Alive'),
  'its connection stays, with blanks': withField('connection:  \tkeep-alive \t'),
  'a keep-alive': withField('keep-alive: timeout=1, max=1'),

  'capital letters in a name': withField('X-ABC: d'),
  'all that a name may have': withField("!#$%&'*+-.^_`|~09azAZ: v"),
  'a name of digits': withField('0: zero'),
  'a name that begins with a minus': withField('-: v'),
  'a name that is nearly known': withField('content-lengths: 9'),
  'a name that is nearly another': withField('transfer-encodin: chunked'),
  'a name with an underscore': withField('transfer_encoding: chunked'),
  'a length with an underscore': withField('content_length: 9'),
  'no blank before a value': withField('a:b'),
  'blanks and tabs around a value': withField('a: \t \tb c\td \t '),
  'blanks in a value': withField('a: b  c'),
  'an empty value': withField('a:'),
  'a value of blanks': withField('a: \t \t'),
  'an empty value at the end': withLast('a:\r\n'),
  'a value of colons': withField('a:::: ::'),
  'all visible characters in a value': withField(
    `a: ${Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join('')}`,
  ),
  'a value that looks like a request': withField('a: POST /mcp HTTP/1.1'),
  'a value with %0d%0a': withField('a: b%0d%0ac: d'),
  'a cookie': withField('Cookie: a=b; c=d'),
  'a te': withField('te: trailers'),
  'a content-encoding': withField('content-encoding: gzip'),
  'a date': withField('Date: now'),
  'what joins differently when it stands twice': withFields('user-agent: a\r\nreferer: b\r\netag: c\r\nage: 1\r\n'),
  'methods of others': withField('x-http-method-override: DELETE'),
  'a name that objects have in other letters': withField('__defineGetter__: x'),
  'a name of an array': withField('length: 9'),
  '64 fields': withFields(numbered(62)),

  'a length of zeros and a digit': framed('content-length: 000001\r\n'),
  'a length with a zero before': framed('content-length: 01\r\n'),
  'a length of zeros': framed('content-length: 000000\r\n', ''),
  'a length without a blank': framed('content-length:1\r\n'),
  'a length with blanks around': framed('content-length:   1  \r\n'),
  'a length with tabs around': framed('content-length:\t\t1\t\t\r\n'),
  'a length in other letters': framed('CONTENT-Length: 1\r\n'),
  'the longest body': framed('content-length: 262144\r\n', 'x'.repeat(262_144)),

  'a query': to('/mcp?a=b&c=%20?d'),
  'a fragment': to('/mcp#fragment'),
  'a fragment with a query behind': to('/mcp#a?b#c'),
  'two slashes': to('//mcp'),
  'a host after two slashes': to('//user@evil:80/mcp'),
  dots: to('/a/../mcp/./x'),
  'encoded dots': to('/%2e%2e/mcp%00'),
  'a scheme in the path': to('/http://evil/mcp'),
  'a backslash': to('/\\evil\\mcp'),
  'all visible characters in a target': to(
    `/${Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join('')}`,
  ),
  'a target that looks like a version': to('/HTTP/1.1'),
  'a slash': to('/'),
  'a star in the path': to('/*'),

  'a body of line ends': framed('content-length: 8\r\n', '\r\n\r\n\r\n\r\n'),
  'a body that looks like a request': framed(`content-length: ${plainPost.length}\r\n`, plainPost),
  'all bytes in a body': framed(
    'content-length: 256\r\n',
    Array.from({ length: 256 }, (_, index) => String.fromCharCode(index)).join(''),
  ),
  'a body that is shorter than it says': framed('content-length: 2\r\n'),
  'no body, where there should be one': framed('content-length: 2\r\n', ''),
  'a body that is longer than it says': framed('content-length: 1\r\n', 'xyz'),
  'a line end behind the body': framed('content-length: 1\r\n', 'x\r\n'),
  'another behind it': plainPost + withLast('a: b\r\n'),
  'three more behind it': plainPost.repeat(4),
  'another behind it, after a line end': `${plainPost}\r\n${plainPost}`,
  'half of another behind it': plainPost + plainPost.slice(0, 60),
  'one with chunks behind it': `${plainPost}${framed('transfer-encoding: chunked\r\n', '1\r\nx\r\n0\r\n\r\n')}`,
  'a GET behind it': `${plainPost}GET /mcp HTTP/1.1\r\n${HOST}\r\n`,
  'what is no request behind it': `${plainPost}evil`,

  'a head of 8 KiB': postOfSize(8_192, 'value'),
  'a head of 8 KiB by its target': postOfSize(8_192, 'target'),
  'a head of 8 KiB by a name': postOfSize(8_192, 'name'),
  'a head of 8 KiB by blanks': postOfSize(8_192, 'blanks'),
};

/** What somebody has to look at who knows all of HTTP, or refuses. */
export const OTHERS: Readonly<Record<string, string>> = {
  nothing: '',
  'P and no more': 'P',
  'half a line': 'POST /mc',
  'no end of the head': `${LINE}${HOST}${LENGTH}`,
  'no end of the head, but nearly': `${LINE}${HOST}${LENGTH}\r`,
  'a line end before': `\r\n${plainPost}`,
  'a lone LF before': `\n${plainPost}`,
  'a blank before': ` ${plainPost}`,
  'two line ends before': `\r\n\r\n${plainPost}`,
  TLS: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',

  GET: withLine('GET /mcp HTTP/1.1'),
  PUT: withLine('PUT /mcp HTTP/1.1'),
  PATCH: withLine('PATCH /mcp HTTP/1.1'),
  PROPFIND: withLine('PROPFIND /mcp HTTP/1.1'),
  POSTS: withLine('POSTS /mcp HTTP/1.1'),
  'a method in small letters': withLine('post /mcp HTTP/1.1'),
  'a method with a small letter': withLine('POSt /mcp HTTP/1.1'),
  'no method': withLine('/mcp HTTP/1.1'),
  'two blanks before the target': withLine('POST  /mcp HTTP/1.1'),
  'two blanks behind the target': withLine('POST /mcp  HTTP/1.1'),
  'a tab before the target': withLine('POST\t/mcp HTTP/1.1'),
  'a tab behind the target': withLine('POST /mcp\tHTTP/1.1'),
  'a blank in the target': to('/m cp'),
  'a blank at the end of the line': withLine('POST /mcp HTTP/1.1 '),
  'no target': withLine('POST HTTP/1.1'),
  'an empty target': withLine('POST  HTTP/1.1'),
  'no version': withLine('POST /mcp'),
  'HTTP/0.9': withLine('POST /mcp HTTP/0.9'),
  'HTTP/1.0': withLine('POST /mcp HTTP/1.0'),
  'HTTP/1.0 that stays': withLine('POST /mcp HTTP/1.0\r\nconnection: keep-alive'),
  'HTTP/1.2': withLine('POST /mcp HTTP/1.2'),
  'HTTP/2.0': withLine('POST /mcp HTTP/2.0'),
  'HTTP/1.10': withLine('POST /mcp HTTP/1.10'),
  'HTTP/1.1.1': withLine('POST /mcp HTTP/1.1.1'),
  'HTTP/11': withLine('POST /mcp HTTP/11'),
  'http/1.1': withLine('POST /mcp http/1.1'),
  ICE: withLine('POST /mcp ICE/1.0'),
  'a line that ends with a lone LF': plainPost.replace('\r\n', '\n'),
  'a line that ends with a lone CR': plainPost.replace('\r\n', '\r'),
  'a line that ends with CR CR LF': plainPost.replace('\r\n', '\r\r\n'),

  'the absolute form': to('http://localhost:8000/mcp'),
  'the absolute form of another host': to('http://evil/mcp'),
  'the authority form': to('localhost:8000'),
  'the asterisk form': to('*'),
  'a target without a slash': to('mcp'),
  'a query without a path': to('?a'),
  'a fragment without a path': to('#a'),
  'NUL in the target': to('/mcp\0'),
  'DEL in the target': to('/mcp\x7f'),
  'a target with obs-text': to('/mcp\xe9'),
  'CR in the target': to('/mcp\rx'),
  'LF in the target': to('/mcp\nx'),
  'a tab in the target': to('/mcp\t'),

  'no fields': `${LINE}\r\n`,
  'no host': `${LINE}${LENGTH}\r\n${BODY}`,
  'two hosts': withField('host: localhost'),
  'a list of hosts in two': withLast('HOST: evil\r\n'),
  'no length': `${LINE}${HOST}\r\n`,
  'no length, but a body': `${LINE}${HOST}\r\n${BODY}`,

  'a blank before the colon': withField('a : b'),
  'a tab before the colon': withField('a\t: b'),
  'a blank before the name': withField(' a: b'),
  'a blank before the first name': `${LINE} a: b\r\n${HOST}${LENGTH}\r\n${BODY}`,
  'a tab before the name': withField('\ta: b'),
  'a line that goes on': withFields('a: b\r\n c\r\n'),
  'a line that goes on with a tab': withFields('a: b\r\n\tc: d\r\n'),
  'a line that goes on with nothing': withFields('a: b\r\n \r\n'),
  'a length that goes on': framed('content-length: 1\r\n 2\r\n', 'x'.repeat(12)),
  'a length on the line behind': framed('content-length:\r\n 1\r\n'),
  'no name': withField(': b'),
  'no colon': withField('evil'),
  'no colon in the last line': withLast('evil\r\n'),
  'a blank in a name': withField('a b: c'),
  'a bracket in a name': withField('a(b): c'),
  'a quote in a name': withField('a"b: c'),
  'a slash in a name': withField('a/b: c'),
  'an at in a name': withField('a@b: c'),
  'NUL in a name': withField('a\0: c'),
  'DEL in a name': withField('a\x7f: c'),
  'a name with obs-text': withField('\xe9: c'),
  'the long s in a name': withField('ho\xc5\xbft: c'),
  'NUL in a value': withField('a: b\0'),
  'BEL in a value': withField('a: \x07'),
  'ESC in a value': withField('a: \x1b[2J'),
  'DEL in a value': withField('a: \x7f'),
  'a vertical tab in a value': withField('a: \x0b'),
  'a form feed at the end of a value': withField('a: b\x0c'),
  'a value with obs-text': withField('a: caf\xe9'),
  'a no-break space around a value': withField('a: \xa0b\xa0'),
  'NEL in a value': withField('a: b\x85c: d'),
  'LF alone in a value': withFields('a: b\nc: d\r\n'),
  'CR alone in a value': withFields('a: b\rc: d\r\n'),
  'CR alone at the end of a value': withFields('a: b\r\r\n'),
  'CR alone at the beginning of a value': withFields('a:\rb\r\n'),
  'LF alone behind the last field': `${LINE}${HOST}${LENGTH.replace('\r\n', '\n')}\r\n${BODY}`,
  'LF LF for the empty line': `${LINE}${HOST}${LENGTH.trimEnd()}\n\n${BODY}`,
  'CR LF LF for the empty line': `${LINE}${HOST}${LENGTH}\n${BODY}`,
  'lone LFs everywhere': plainPost.replaceAll('\r\n', '\n'),
  'lone CRs everywhere': plainPost.replaceAll('\r\n', '\r'),
  'a field twice': withFields('a: b\r\na: c\r\n'),
  'a field twice, in other letters': withFields('x-a: b\r\nX-A: b\r\n'),
  'a cookie twice': withFields('cookie: a=b\r\ncookie: c=d\r\n'),
  'an authorization twice': withFields('authorization: a\r\nauthorization: b\r\n'),
  'a content-type twice': withFields('content-type: a/b\r\ncontent-type: c/d\r\n'),
  'a set-cookie': withField('set-cookie: a=b'),
  'a set-cookie twice': withFields('set-cookie: a=b\r\nSet-Cookie: c=d\r\n'),
  __proto__: withField('__proto__: x'),
  '__proto__ twice': withFields('__proto__: x\r\n__proto__: y\r\n'),
  constructor: withField('constructor: x'),
  'constructor twice': withFields('constructor: x\r\nConstructor: y\r\n'),
  '65 fields': withFields(numbered(63)),
  '3,000 fields': withFields('a:\r\n'.repeat(1_000) + numbered(300)),

  'an empty length': framed('content-length:\r\n'),
  'a length of blanks': framed('content-length: \t\r\n'),
  'a length with a plus': framed('content-length: +1\r\n'),
  'a length below zero': framed('content-length: -1\r\n'),
  'a length of minus zero': framed('content-length: -0\r\n', ''),
  'a length in hexadecimal': framed('content-length: 0x1\r\n'),
  'a length with an exponent': framed('content-length: 1e0\r\n'),
  'a length with a fraction': framed('content-length: 1.0\r\n'),
  'a length with a blank within': framed('content-length: 1 1\r\n'),
  'a length with a tab within': framed('content-length: 1\t1\r\n'),
  'a length with an underscore within': framed('content-length: 1_1\r\n'),
  'a length in quotes': framed('content-length: "1"\r\n'),
  'a length with NUL': framed('content-length: 1\0\r\n'),
  'a length in other digits': framed('content-length: \xb9\r\n'),
  'a length that is a list': framed('content-length: 1, 1\r\n'),
  'a length that is a list without blanks': framed('content-length: 1,2\r\n'),
  'a length with a comma': framed('content-length: 1,\r\n'),
  'a length that is a word': framed('content-length: one\r\n'),
  'the same length twice': framed('content-length: 1\r\ncontent-length: 1\r\n'),
  'two lengths': framed('content-length: 1\r\ncontent-length: 2\r\n', 'xy'),
  'two lengths in other letters': framed('content-length: 1\r\nContent-Length: 0\r\n'),
  'a length with a blank before its colon': framed('content-length : 1\r\n'),
  'a length of more digits': framed('content-length: 0000001\r\n'),
  'a body that is too long': framed('content-length: 262145\r\n'),
  'the largest length': framed('content-length: 9007199254740992\r\n'),
  'a length that wraps around': framed('content-length: 18446744073709551617\r\n'),
  'a length of 400 digits': framed(`content-length: ${'9'.repeat(400)}\r\n`),

  chunks: framed('transfer-encoding: chunked\r\n', '1\r\nx\r\n0\r\n\r\n'),
  'chunks, in other letters': framed('TRANSFER-encoding: Chunked\r\n', '1\r\nx\r\n0\r\n\r\n'),
  'chunks and a length': framed('transfer-encoding: chunked\r\ncontent-length: 1\r\n', '1\r\nx\r\n0\r\n\r\n'),
  'a length and chunks': framed('content-length: 1\r\ntransfer-encoding: chunked\r\n', '1\r\nx\r\n0\r\n\r\n'),
  'a length and identity': framed('content-length: 1\r\ntransfer-encoding: identity\r\n'),
  'a length and an empty coding': framed('content-length: 1\r\ntransfer-encoding:\r\n'),
  'a length and an unknown coding': framed('content-length: 1\r\ntransfer-encoding: x\r\n'),
  'a length and xchunked': framed('content-length: 1\r\ntransfer-encoding: xchunked\r\n'),
  'a length and chunks with a tab': framed('content-length: 1\r\ntransfer-encoding:\tchunked\r\n', '0\r\n\r\n'),
  'a length and chunks with a vertical tab': framed('content-length: 1\r\ntransfer-encoding: \x0bchunked\r\n'),
  'a length and chunks behind a blank': framed('content-length: 1\r\ntransfer-encoding : chunked\r\n'),
  'a length and chunks on a line that goes on': framed('content-length: 1\r\ntransfer-encoding:\r\n chunked\r\n'),
  'a length and gzip, chunked': framed('content-length: 1\r\ntransfer-encoding: gzip, chunked\r\n'),
  'chunked, gzip': framed('transfer-encoding: chunked, gzip\r\n'),
  'chunks twice': framed('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'),
  'chunks and identity': framed('transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n', '0\r\n\r\n'),

  'its connection ends': withField('connection: close'),
  'its connection ends, in other letters': withField('Connection: Close'),
  'its connection stays and ends': withField('connection: keep-alive, close'),
  'its connection says it twice': withFields('connection: keep-alive\r\nconnection: keep-alive\r\n'),
  'its connection stays, and another ends': withFields('connection: keep-alive\r\nConnection: close\r\n'),
  'its connection says nothing': withField('connection:'),
  'its connection names a field': withField('connection: keep-alive, te'),
  'the connection of a proxy ends': withField('proxy-connection: close'),
  'the connection of a proxy ends, in other letters': withLast('Proxy-Connection: CLOSE\r\n'),
  'the connection of a proxy stays': withField('proxy-connection: keep-alive'),
  'it expects to be told': withField('expect: 100-continue'),
  'it expects something else': withField('Expect: more'),
  'it expects nothing': withField('expect:'),
  'an upgrade': withFields('connection: upgrade\r\nupgrade: websocket\r\n'),
  'an upgrade to HTTP/2': withFields('connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AA\r\n'),
  'an upgrade without a connection': withField('upgrade: websocket'),
  'an upgrade by the connection of a proxy': withFields('proxy-connection: upgrade\r\nupgrade: websocket\r\n'),
  'a trailer': withField('trailer: x-sum'),
  'a trailer and chunks': framed('trailer: x-sum\r\ntransfer-encoding: chunked\r\n', '1\r\nx\r\n0\r\nx-sum: 1\r\n\r\n'),

  'a head of more than 8 KiB': postOfSize(8_193, 'value'),
  'a head of more than 8 KiB by its target': postOfSize(8_193, 'target'),
  'a head of 16 KiB': postOfSize(16_300, 'fields'),
  'a head of 20 KiB': postOfSize(20_000, 'value'),
  'a head of 20 KiB by its target': postOfSize(20_000, 'target'),
  'a head of 20 KiB by blanks': postOfSize(20_000, 'blanks'),
};

/** What to begin with: each is taken, and heard by Node. */
const BASES: readonly string[] = [
  plainPost,
  withFields('connection: keep-alive\r\nauthorization: Bearer abc\r\nmcp-session-id: 1\r\nx-empty:\r\n'),
  framed('Content-Length: 1\r\n'),
  plainPost + withLast('Cookie: a=b\r\nte: trailers\r\n'),
  PLAIN['a query'] as string,
];

/** Bytes that mean something to some parser. */
const BYTES: readonly string[] = [
  ['\r', '\n', '\r\n', '\n\n', '\r\n\r\n', '\r\n ', '\r\n\t', '\0', '\t', ' ', '  ', '\x0b', '\x0c', '\x1f', '\x7f'],
  ['\x80', '\x85', '\xa0', '\xe9', '\xff', ':', ': ', ' :', ',', ', 1', ';', '"', '\\', '/', '#', '?', '%', '(', '@'],
  ['0', '1', '9', '00', '+', '-', '.', 'x', 'e', 'A', 'z', '_', '~', 'POST ', ' HTTP/1.1', 'HTTP/1.0', 'chunked'],
].flat();

/** Whole lines. */
const LINES: readonly string[] = [
  ['a: b', 'x-y: z', 'b:', 'c: \t d \t', 'Accept: */*', 'Cookie: a=b', 'te: trailers', 'origin: null', 'a:b:c'],
  ['content-length: 1', 'content-length: 40', 'Content-Length: 0', 'transfer-encoding: chunked', 'host: evil'],
  ['Transfer-Encoding: identity', 'connection: close', 'Connection: Keep-Alive', 'expect: 100-continue'],
  ['proxy-connection: close', 'upgrade: h2c', 'trailer: a', 'set-cookie: a=b', '__proto__: x', 'constructor: x'],
  ['keep-alive: timeout=1', ' goes on', '\tgoes on', 'no colon', ': no name', ''],
].flat();

type Change = (text: string, random: Random) => string;

const put = (text: string, at: number, piece: string, without = 0): string =>
  text.slice(0, at) + piece + text.slice(at + without);

/** Where a line of it begins. */
function lineStart(text: string, random: Random): number {
  const starts = [...text.matchAll(/\r\n/g)].map(({ index }) => index + 2);
  return starts.length === 0 ? 0 : random.pick(starts);
}

const CHANGES: readonly Change[] = [
  (text, random) => put(text, random.below(text.length + 1), random.pick(BYTES)),
  (text, random) => put(text, random.below(text.length), random.pick(BYTES), 1),
  (text, random) => put(text, random.below(text.length), String.fromCharCode(random.below(256)), 1),
  (text, random) => put(text, random.below(text.length), '', 1 + random.below(3)),
  (text, random) => {
    const at = random.below(text.length);
    const letter = text.charAt(at);
    return put(text, at, letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(), 1);
  },
  (text, random) => put(text, lineStart(text, random), `${random.pick(LINES)}\r\n`),
  (text, random) => put(text, lineStart(text, random), `${random.pick(LINES)}\r\n`),
  (text, random) => {
    const at = lineStart(text, random);
    const end = text.indexOf('\r\n', at);
    return put(text, at, '', end === -1 ? 0 : end + 2 - at);
  },
  (text, random) => {
    const at = lineStart(text, random);
    const end = text.indexOf('\r\n', at);
    return put(text, lineStart(text, random), end === -1 ? '' : text.slice(at, end + 2));
  },
  (text, random) => {
    const blanks = random.pick([' ', '\t', '   ', ' \t ']);
    const at = random.pick([text.indexOf(':', lineStart(text, random)) + 1, lineStart(text, random) - 2]);
    return at > 0 ? put(text, at, blanks) : text;
  },
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => text + random.pick(BASES),
];

/** Requests with up to three changes each. */
export function changedPosts(random: Random, count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    let text = random.pick(BASES);
    for (let left = 1 + random.below(3); left > 0 && text.length > 0; left -= 1)
      text = random.pick(CHANGES)(text, random);
    return text;
  });
}
