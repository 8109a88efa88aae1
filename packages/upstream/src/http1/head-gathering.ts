import { violation } from './reply-errors.ts';

const HEAD_BYTES = 16 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const BEGIN = 'HTTP/1.';

/** Finds the end of a head, wherever TCP cuts it. One that comes in one piece is copied nowhere. */
export class HeadGathering {
  /** What there is of a head that was cut. */
  #bytes: Buffer | undefined;
  #length = 0;
  #text = '';

  /** The head, in latin1, with its last line end but without the empty line; empty until all of it is there. */
  get text(): string {
    return this.#text;
  }

  /** @returns where the next byte is that is not of the head @throws HTTP_PARSER */
  take(chunk: Buffer, from: number): number {
    this.#text = '';
    if (this.#bytes !== undefined) return this.#gather(this.#bytes, chunk, from);
    const end = chunk.indexOf(HEAD_END, from);
    if (end === -1) {
      this.#bytes = Buffer.allocUnsafeSlow(HEAD_BYTES);
      return this.#gather(this.#bytes, chunk, from);
    }
    if (end + HEAD_END.length - from > HEAD_BYTES) throw tooLarge();
    this.#text = chunk.toString('latin1', from, end + 2);
    return end + HEAD_END.length;
  }

  clear(): void {
    this.#bytes = undefined;
    this.#length = 0;
    this.#text = '';
  }

  #gather(bytes: Buffer, chunk: Buffer, from: number): number {
    const before = this.#length;
    const length = before + chunk.copy(bytes, before, from);
    this.#length = length;
    const end = bytes.subarray(0, length).indexOf(HEAD_END, Math.max(0, before - HEAD_END.length + 1));
    if (end !== -1) {
      this.clear();
      this.#text = bytes.toString('latin1', 0, end + 2);
      return from + end + HEAD_END.length - before;
    }
    checkStart(bytes, before, length);
    if (length === HEAD_BYTES) throw tooLarge();
    return chunk.length;
  }
}

/** What cannot become a head is refused at once: its end may never come. Each byte is looked at once. */
function checkStart(bytes: Buffer, before: number, length: number): void {
  const begin = Math.min(length, BEGIN.length);
  if (before < BEGIN.length && bytes.toString('latin1', 0, begin) !== BEGIN.slice(0, begin)) {
    throw violation('its status line');
  }
  // A CR at the end may get its LF yet.
  const fresh = bytes.toString('latin1', Math.max(0, before - 1), length);
  if (/(?<!\r)\n|\r[^\n]/.test(before === 0 ? fresh : fresh.replace(/^\n/, ''))) {
    throw violation('a line of its head does not end with CR LF');
  }
}

function tooLarge(): Error {
  return violation('its head is larger than 16 KiB');
}
