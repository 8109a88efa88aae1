import { inOnePiece } from '@hostler/protocol';
import { parseResponseHead } from './response-head.ts';
import type { ResponseHead } from './response-head.ts';

const LENGTH = 'content-length';
const BEFORE_LENGTH = /\r\ncontent-length:[\t ]*/i;
const DIGITS = /^\d{1,15}$/;

/**
 * Reads heads of responses off one connection. A server says the same each time, but for the length of the body and, after
 * a second, the date: what the last one said is not read again.
 */
export class ResponseHeads {
  /** The last one. */
  #head: ResponseHead | undefined;
  /** Its text, up to the digits of the length and after them; where it has no length, all of it. */
  #before = '';
  #after: string | undefined;

  /** As `parseResponseHead`. @throws HTTP_PARSER */
  read(text: string): ResponseHead {
    return this.#again(text) ?? this.#anew(text);
  }

  #again(text: string): ResponseHead | undefined {
    const head = this.#head;
    const before = this.#before;
    const after = this.#after;
    if (head === undefined) return undefined;
    if (after === undefined) return text === before ? head : undefined;
    const end = text.length - after.length;
    // Parts are compared in a quarter of the time of `startsWith` and `endsWith`.
    if (text.slice(0, before.length) !== before || text.slice(end) !== after) return undefined;
    const length = text.slice(before.length, end);
    if (length === head.headers[LENGTH]) return head;
    return DIGITS.test(length) ? withLength(head, length) : undefined;
  }

  #anew(text: string): ResponseHead {
    const head = parseResponseHead(text);
    const length = head.headers[LENGTH];
    const found = length === undefined ? null : BEFORE_LENGTH.exec(text);
    const begin = found === null ? text.length : found.index + found[0].length;
    // Several of them, or none of digits alone.
    const isOdd = length !== undefined && (typeof length !== 'string' || !DIGITS.test(length));
    this.#head = isOdd ? undefined : head;
    this.#before = inOnePiece(text.slice(0, begin));
    this.#after = length === undefined ? undefined : inOnePiece(text.slice(begin + length.length));
    return head;
  }
}

function withLength({ version, status, headers }: ResponseHead, length: string): ResponseHead {
  const others = Object.create(Object.getPrototypeOf(headers) as null) as Record<string, string | string[] | undefined>;
  for (const name in headers) others[name] = headers[name];
  others[LENGTH] = length;
  return { version, status, headers: others };
}
