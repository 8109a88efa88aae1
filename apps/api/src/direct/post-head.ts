import type { IncomingHttpHeaders } from 'node:http';

/** What a POST says of itself before its body. */
export interface PostHead {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: string[];
  /** Where its body begins, and where it ends. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/** Bytes of a body that are gathered here. */
export const BODY_BYTES = 256 * 1_024;
const FIELDS = 64;

const LETTER_P = 0x50;
const HEAD_END = Buffer.from('\r\n\r\n');
/** One look at all of it, instead of two at each field. Source: RFC 9110, 5.6.2; RFC 9112, 3 and 5. */
const PLAIN = /^POST \/[\x21-\x7e]* HTTP\/1\.1\r\n(?:[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e]*\r\n)*$/;
const BEFORE_TARGET = 'POST '.length;
const AFTER_TARGET = ' HTTP/1.1'.length;
const LENGTH = /^\d{1,6}$/;

/** They change how a message is framed, or have a meaning that is not looked for here. */
const OTHERWISE: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'expect',
  'upgrade',
  'trailer',
  'set-cookie',
  // To Node's parser it is another name of `connection`.
  'proxy-connection',
]);

/**
 * Reads the head of a plain POST: one of which nobody could think that it is something else. Of HTTP/1.1 it knows only what
 * such a request needs, and mends nothing. Source: RFC 9112.
 * @param most bytes of a head
 * @returns undefined for what somebody has to look at who knows all of HTTP; `unfinished` for the beginning of a head
 */
export function readPostHead(bytes: Buffer, most: number): PostHead | 'unfinished' | undefined {
  if (bytes[0] !== LETTER_P) return undefined;
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return bytes.length < most ? 'unfinished' : undefined;
  if (end > most) return undefined;
  const text = bytes.toString('latin1', 0, end + 2);
  if (!PLAIN.test(text)) return undefined;
  const lineEnd = text.indexOf('\r\n');
  const target = text.slice(BEFORE_TARGET, lineEnd - AFTER_TARGET);
  const rawHeaders: string[] = [];
  const headers = readFields(text, lineEnd + 2, rawHeaders);
  const length = headers?.['content-length'];
  if (headers?.host === undefined || length === undefined || !LENGTH.test(length)) return undefined;
  if (Number(length) > BODY_BYTES) return undefined;
  const bodyStart = end + HEAD_END.length;
  return { target, headers, rawHeaders, bodyStart, bodyEnd: bodyStart + Number(length) };
}

/** Names as clients write them: what is known need not be made anew for each request. */
const KEYS: ReadonlyMap<string, string> = new Map(
  [
    'Host Connection Content-Type Content-Length Accept Accept-Encoding Accept-Language User-Agent Authorization X-Api-Key',
    'Origin Sec-Fetch-Mode Traceparent Tracestate Mcp-Session-Id Mcp-Protocol-Version Mcp-Method Mcp-Name',
  ]
    .flatMap((names) => names.split(' '))
    .flatMap((name) => [
      [name, name.toLowerCase()],
      [name.toLowerCase(), name.toLowerCase()],
    ]),
);

/** @returns undefined when one of them means more than it says, or a name stands twice */
function readFields(text: string, from: number, rawHeaders: string[]): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = {};
  for (let at = from; at < text.length;) {
    const lineEnd = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    const name = text.slice(at, colon);
    const value = withoutBlanks(text, colon + 1, lineEnd);
    const known = KEYS.get(name);
    const key = known ?? name.toLowerCase();
    // What every object has counts as there: nobody sends such names.
    if (headers[key] !== undefined || (known === undefined && OTHERWISE.has(key))) return undefined;
    if (key === 'connection' && value.toLowerCase() !== 'keep-alive') return undefined;
    headers[key] = value;
    rawHeaders.push(name, value);
    at = lineEnd + 2;
  }
  return rawHeaders.length > FIELDS * 2 ? undefined : headers;
}

/** Source: RFC 9110, 5.6.3. */
function withoutBlanks(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
