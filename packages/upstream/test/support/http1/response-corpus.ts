/** One answer as a server would send it, and the end of the connection behind it. */
export interface CorpusCase {
  readonly name: string;
  readonly bytes: string;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKS = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const plain = `${OK}content-type: application/json\r\ncontent-length: 7\r\n\r\n{"a":1}`;

/** What others are made of: each is well-formed. */
const WELL_FORMED: Readonly<Record<string, string>> = {
  plain,
  empty: `${OK}Content-Length: 0\r\n\r\n`,
  chunked: `${CHUNKS}4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n`,
  'chunked, with all there may be': `${CHUNKS}A;name=value;flag\r\n0123456789\r\n0001\r\nx\r\n000\r\nx-sum: 1\r\n\r\n`,
  'until the end': `${OK}content-type: text/event-stream\r\n\r\nevent: message\ndata: {}\n\n`,
  'HTTP/1.0': 'HTTP/1.0 200 OK\r\nserver: x\r\n\r\nbody',
  'no content': 'HTTP/1.1 204 No Content\r\nserver: x\r\n\r\n',
  'many fields': `${OK}Set-Cookie: a=b; Path=/\r\nSet-Cookie: c=d\r\nVary:\r\nX-Pad:  \t v \t\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok`,
  interim: `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${plain}`,
  refusal: 'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Bearer realm="x"\r\ncontent-length: 2\r\n\r\nno',
};

const withFields = (fields: string, body = ''): string => `${OK}${fields}\r\n${body}`;

const BY_HAND: Readonly<Record<string, string>> = {
  nothing: '',
  'not HTTP': 'SSH-2.0-OpenSSH\r\n',
  'an answer to nobody behind it': `${plain}${plain}`,
  'bytes behind it': `${plain}!`,
  'bytes behind its chunks': `${CHUNKS}0\r\n\r\n!`,
  'an empty line before': `\r\n${plain}`,
  'no reason': 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n',
  'an empty reason': 'HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n',
  'a reason with obs-text': 'HTTP/1.1 200 \u00e9\r\ncontent-length: 0\r\n\r\n',
  'HTTP/0.9': plain.replace('1.1', '0.9'),
  'HTTP/2.0': plain.replace('1.1', '2.0'),
  'HTTP/1.2': plain.replace('1.1', '1.2'),
  'status 99': plain.replace('200', '099'),
  'status 600': plain.replace('200', '600'),
  'status 999': plain.replace('200', '999'),
  'status 2000': plain.replace('200', '2000'),
  'status 100 first': `HTTP/1.1 100 Continue\r\n\r\n${plain}`,
  'status 101': 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  'status 304 with a length': 'HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n',
  'status 204 with chunks': 'HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n',
  'a length and chunks': withFields('content-length: 5\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'),
  'chunks and a length': withFields('transfer-encoding: chunked\r\ncontent-length: 5\r\n', '0\r\n\r\n'),
  'two lengths that agree': withFields('content-length: 2\r\ncontent-length: 2\r\n', 'ok'),
  'two lengths that do not': withFields('content-length: 2\r\ncontent-length: 1\r\n', 'ok'),
  'a list of lengths': withFields('content-length: 2, 2\r\n', 'ok'),
  'a length with a plus': withFields('content-length: +2\r\n', 'ok'),
  'a length below zero': withFields('content-length: -2\r\n', 'ok'),
  'a length in hexadecimal': withFields('content-length: 0x2\r\n', 'ok'),
  'a length of 2 to the 53rd': withFields('content-length: 9007199254740992\r\n', 'ok'),
  'a length of 2 to the 64th and 2': withFields('content-length: 18446744073709551618\r\n', 'ok'),
  'an empty length': withFields('content-length:\r\n', 'ok'),
  'a length with a blank behind': withFields('content-length: 2 \r\n', 'ok'),
  'a body that is too short': withFields('content-length: 3\r\n', 'ok'),
  'gzip as a transfer coding': withFields('transfer-encoding: gzip\r\n', 'ok'),
  'gzip and chunks': withFields('transfer-encoding: gzip, chunked\r\n', '0\r\n\r\n'),
  'chunks and gzip': withFields('transfer-encoding: chunked, gzip\r\n', '0\r\n\r\n'),
  'chunks in two fields': withFields('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'),
  'identity as a transfer coding': withFields('transfer-encoding: identity\r\n', 'ok'),
  CHUNKED: withFields('TRANSFER-ENCODING: CHUNKED\r\n', '0\r\n\r\n'),
  'a blank before a colon': withFields('a : b\r\ncontent-length: 0\r\n'),
  'a blank in a name': withFields('a b: c\r\ncontent-length: 0\r\n'),
  'no name': withFields(': c\r\ncontent-length: 0\r\n'),
  'no colon': withFields('abc\r\ncontent-length: 0\r\n'),
  'a value that goes on': withFields('a: b\r\n c\r\ncontent-length: 0\r\n'),
  'a blank before the first field': withFields(' a: b\r\ncontent-length: 0\r\n'),
  'NUL in a value': withFields('a: \0\r\ncontent-length: 0\r\n'),
  'a control character in a value': withFields('a: \u0001\r\ncontent-length: 0\r\n'),
  'DEL in a value': withFields('a: \u007f\r\ncontent-length: 0\r\n'),
  'obs-text in a value': withFields('a: \u00e9\r\ncontent-length: 0\r\n'),
  'obs-text in a name': withFields('\u00e9: a\r\ncontent-length: 0\r\n'),
  '__proto__ as a name': withFields('__proto__: a\r\ncontent-length: 0\r\n'),
  'LF alone, everywhere': plain.replaceAll('\r\n', '\n'),
  'LF alone behind the status': plain.replace('OK\r\n', 'OK\n'),
  'LF alone behind a field': withFields('a: b\ncontent-length: 0\r\n'),
  'LF alone for the empty line': `${OK}content-length: 0\r\n\n`,
  'CR alone behind a field': withFields('a: b\rcontent-length: 0\r\n'),
  'CR CR LF': withFields('a: b\r\r\ncontent-length: 0\r\n'),
  'a size of nothing': `${CHUNKS}\r\nx\r\n0\r\n\r\n`,
  'a size with 0x': `${CHUNKS}0x1\r\nx\r\n0\r\n\r\n`,
  'a size with a blank behind': `${CHUNKS}1 \r\nx\r\n0\r\n\r\n`,
  'a size with a blank and an extension': `${CHUNKS}1 ;a\r\nx\r\n0\r\n\r\n`,
  'a size with a blank before': `${CHUNKS} 1\r\nx\r\n0\r\n\r\n`,
  'a size beyond 64 bits': `${CHUNKS}10000000000000001\r\nx\r\n0\r\n\r\n`,
  'a size of 2 to the 53rd': `${CHUNKS}20000000000000\r\nx\r\n0\r\n\r\n`,
  'LF alone behind a size': `${CHUNKS}1\nx\r\n0\r\n\r\n`,
  'LF alone behind a chunk': `${CHUNKS}1\r\nx\n0\r\n\r\n`,
  'nothing behind a chunk': `${CHUNKS}1\r\nx0\r\n\r\n`,
  'LF alone at the end': `${CHUNKS}0\r\n\n`,
  'an extension in quotes': `${CHUNKS}1;a="b;c\\"d"\r\nx\r\n0\r\n\r\n`,
  'an extension without a name': `${CHUNKS}1;\r\nx\r\n0\r\n\r\n`,
  'an extension that is none': `${CHUNKS}1;=,(\r\nx\r\n0\r\n\r\n`,
  'a control character in an extension': `${CHUNKS}1;a\u0001\r\nx\r\n0\r\n\r\n`,
  'a quote in an extension that does not end': `${CHUNKS}1;a="b\r\nx\r\n0\r\n\r\n`,
  'a trailer without a colon': `${CHUNKS}0\r\nabc\r\n\r\n`,
  'a trailer with a blank before': `${CHUNKS}0\r\n a: b\r\n\r\n`,
  'a trailer with a blank before its colon': `${CHUNKS}0\r\na : b\r\n\r\n`,
  'a trailer with a control character': `${CHUNKS}0\r\na: \u0001\r\n\r\n`,
  'a trailer without a name': `${CHUNKS}0\r\n: b\r\n\r\n`,
  'a trailer with a length': `${CHUNKS}0\r\ncontent-length: 5\r\n\r\n`,
  'a trailer with a transfer coding': `${CHUNKS}0\r\ntransfer-encoding: chunked\r\n\r\n`,
  'LF alone in the trailers': `${CHUNKS}0\r\na: b\n\r\n`,
  'no end of the trailers': `${CHUNKS}0\r\na: b\r\n`,
};

/** Bytes that mean something somewhere. */
const TELLING = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '0',
  '9',
  'f',
  'x',
  '-',
  '+',
  '"',
  '\u007f',
  '\u00e9',
];

const MUTATIONS_EACH = 16;
const SEED = 20_260_401;

/** The same cases each time. */
export function responseCorpus(): readonly CorpusCase[] {
  const next = randomNumbers(SEED);
  const below = (bound: number): number => Math.floor(next() * bound);
  const cases = Object.entries({ ...WELL_FORMED, ...BY_HAND }).map(([name, bytes]) => ({ name, bytes }));
  for (const [name, bytes] of Object.entries(WELL_FORMED)) {
    for (let count = 0; count < MUTATIONS_EACH; count++) {
      const at = below(bytes.length);
      const telling = TELLING[below(TELLING.length)] as string;
      const [what, taken, put] = mutationOf(below(4), bytes[at] as string, telling);
      const changed = bytes.slice(0, at) + put + bytes.slice(at + taken);
      cases.push({ name: `${name}: ${what} at ${at}`, bytes: changed });
    }
  }
  // By chance some are the same.
  return [...new Map(cases.map((one) => [one.name, one])).values()];
}

function mutationOf(kind: number, there: string, telling: string): readonly [string, number, string] {
  if (kind === 0) return [`without ${JSON.stringify(there)}`, 1, ''];
  if (kind === 1) return [`${JSON.stringify(there)} twice`, 0, there];
  if (kind === 2) return [`${JSON.stringify(telling)} in the place of ${JSON.stringify(there)}`, 1, telling];
  return [`${JSON.stringify(telling)} put before ${JSON.stringify(there)}`, 0, telling];
}

/** Mulberry32: small, and the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
