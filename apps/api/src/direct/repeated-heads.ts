import { timingSafeEqual } from 'node:crypto';
import type { PostHead } from './post-head.ts';
import { BODY_BYTES } from './post-head.ts';

/** Bytes of a head that is remembered. */
const MOST = 2_048;
/** Heads of a connection. */
const MOST_KNOWN = 4;
/** Heads in turn of which each was another than those before: such a client will go on so. */
const MOST_OTHERS = 16;
/** Digits of a length. */
const DIGITS = 6;
const ZERO = 0x30;
const NINE = 0x39;
const BEFORE_LENGTH = /\r\ncontent-length:[\t ]*/i;

/** A head, and what is before and after the digits of its length. */
interface Known<H> {
  readonly head: H;
  readonly length: string;
  readonly before: Buffer;
  readonly after: Buffer;
}

/**
 * The last heads of a connection. Most clients say the same with each request, but for the length of its body and, in the
 * modern era, the name of a tool: then it need not be read again. Credentials stand in it, so it is compared in a time that
 * says nothing of where it differs.
 */
export class RepeatedHeads<H extends PostHead> {
  /** The last to come first. */
  #known: Known<H>[] = [];
  #others = 0;

  /**
   * @param most bytes of a head
   * @returns the head with which these bytes begin, where it is one of them again; undefined: it has to be read
   */
  find(bytes: Buffer, most: number): H | undefined {
    for (const known of this.#known) {
      const found = headIn(bytes, known, most);
      if (found === undefined) continue;
      this.#others = 0;
      if (known !== this.#known[0]) this.#known = [known, ...this.#known.filter((each) => each !== known)];
      return found;
    }
    return undefined;
  }

  /** @param head of these bytes, which nobody has altered yet */
  remember(bytes: Buffer, head: H): void {
    this.#others += 1;
    if (this.#others > MOST_OTHERS) this.#known = [];
    if (this.#others > MOST_OTHERS || head.bodyStart > MOST) return;
    const found = BEFORE_LENGTH.exec(bytes.toString('latin1', 0, head.bodyStart));
    const length = head.headers['content-length'];
    if (found === null || length === undefined) return;
    const begin = found.index + found[0].length;
    const before = Buffer.from(bytes.subarray(0, begin));
    const after = Buffer.from(bytes.subarray(begin + length.length, head.bodyStart));
    const known = { head: { ...head, headers: { ...head.headers } }, length, before, after };
    this.#known = [known, ...this.#known.slice(0, MOST_KNOWN - 1)];
  }
}

function headIn<H extends PostHead>(bytes: Buffer, known: Known<H>, most: number): H | undefined {
  const { before, after } = known;
  const begin = before.length;
  let end = begin;
  while (end < begin + DIGITS && isDigit(bytes[end])) end += 1;
  const bodyStart = end + after.length;
  if (end === begin || bytes.length < bodyStart || bodyStart > most) return undefined;
  const isSame =
    timingSafeEqual(bytes.subarray(0, begin), before) && timingSafeEqual(bytes.subarray(end, bodyStart), after);
  if (!isSame) return undefined;
  const length = bytes.toString('latin1', begin, end);
  return Number(length) > BODY_BYTES ? undefined : headWith(known, length, bodyStart);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** With headers of its own: those who serve a request take out of them what nobody after them shall see. */
function headWith<H extends PostHead>({ head, length: former }: Known<H>, length: string, bodyStart: number): H {
  const bodyEnd = bodyStart + Number(length);
  const headers = { ...head.headers, 'content-length': length };
  if (length === former) return { ...head, headers, bodyEnd };
  const rawHeaders = head.rawHeaders.map((text, index) => {
    const isValue = index % 2 === 1 && head.rawHeaders[index - 1]?.toLowerCase() === 'content-length';
    return isValue ? length : text;
  });
  return { ...head, headers, rawHeaders, bodyStart, bodyEnd };
}
