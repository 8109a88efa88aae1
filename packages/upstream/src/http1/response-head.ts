import type { ReplyHeaders } from './reply-handler.ts';
import { violation } from './reply-errors.ts';

export interface ResponseHead {
  readonly version: '1.0' | '1.1';
  readonly status: number;
  readonly headers: ReplyHeaders;
}

/**
 * One look at the whole head, without a step back for any text: each part ends at a character that is none of its own.
 * Source: RFC 9112, 2.2, 4 and 5: lines end with CR LF alone, no blank before a colon, no line goes on in the next.
 */
const WELL_FORMED =
  /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n(?:[!#$%&'*+\-.^_`|~\dA-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/;
const STATUS_LINE = /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/;

/** Header fields of one response. */
const MOST_FIELDS = 2_000;

/** Nothing is inherited from it. Of an object without any prototype the engine makes a table, which takes twice the time to copy. */
const NO_NAMES = Object.freeze(Object.create(null) as object);

const AFTER_VERSION = 'HTTP/1.1 '.length;
const TAB = 9;
const BLANK = 32;

/**
 * @param text in latin1, up to and with the end of the last line before the empty one
 * @throws HTTP_PARSER
 */
export function parseResponseHead(text: string): ResponseHead {
  if (!WELL_FORMED.test(text)) throw violation(STATUS_LINE.test(text) ? fieldProblem(text) : 'its status line');
  const headers = Object.create(NO_NAMES) as Record<string, string | string[] | undefined>;
  let count = 0;
  for (let at = text.indexOf('\r\n') + 2; at < text.length;) {
    if (++count > MOST_FIELDS) throw violation('it has too many header fields');
    const colon = text.indexOf(':', at);
    const end = text.indexOf('\r\n', colon);
    add(headers, text.slice(at, colon).toLowerCase(), trimmed(text, colon + 1, end));
    at = end + 2;
  }
  const version = text.charCodeAt(AFTER_VERSION - 2) === 0x31 ? '1.1' : '1.0';
  return { version, status: Number(text.slice(AFTER_VERSION, AFTER_VERSION + 3)), headers };
}

function add(headers: Record<string, string | string[] | undefined>, name: string, value: string): void {
  const there = headers[name];
  if (there === undefined) headers[name] = value;
  else if (typeof there === 'string') headers[name] = [there, value];
  else there.push(value);
}

/** Source: RFC 9110, 5.6.3: blanks and tabs, and nothing else that JavaScript takes for white space. */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === BLANK || code === TAB;
}

/** For whoever looks for the fault in a server; its words are not repeated. */
function fieldProblem(text: string): string {
  if (/(?:^|[^\r])\n|\r(?!\n)/.test(text)) return 'a line of its head does not end with CR LF';
  if (/\r\n[\t ]/.test(text)) return 'a header field goes on in a second line';
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text)) return 'a control character in its head';
  return 'the name of a header field';
}
