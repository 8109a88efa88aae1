import { violation } from './reply-errors.ts';

const LINE_BYTES = 4 * 1024;
const TRAILER_BYTES = 16 * 1024;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const DELETE = 0x7f;

/** What is awaited: a part of a line with a size, the bytes of a chunk, the line end behind them, or trailers. */
type Part =
  | 'first digit'
  | 'digit'
  | 'padding'
  | 'extension'
  | 'LF of size'
  | 'bytes'
  | 'CR of chunk'
  | 'LF of chunk'
  | 'trailer start'
  | 'trailer name'
  | 'trailer'
  | 'LF of trailer'
  | 'last LF';

/**
 * What lies between the bytes of a chunked body. The lines are a few bytes each, so they are read one by one, and it makes
 * no difference where TCP cuts them. Source: RFC 9112, 7.1, of which nothing is left out and nothing is mended.
 */
export class ChunkFraming {
  #part: Part = 'first digit';
  #size = 0;
  /** Bytes of the present line or, together, of the trailers. */
  #length = 0;
  #isOver = false;

  /** Bytes of the present chunk that are still to come; 0 when `read` is next. */
  get remaining(): number {
    return this.#part === 'bytes' ? this.#size : 0;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  begin(): void {
    this.#await('first digit');
    this.#size = 0;
    this.#isOver = false;
  }

  /** So many bytes of the chunk have come. */
  pass(count: number): void {
    this.#size -= count;
    if (this.#size === 0) this.#part = 'CR of chunk';
  }

  /** Reads up to the next byte of a chunk, or the end of the body. @returns where it got to @throws HTTP_PARSER */
  read(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length && this.#part !== 'bytes' && !this.#isOver) this.#take(chunk[at++] as number);
    return at;
  }

  #take(byte: number): void {
    switch (this.#part) {
      case 'first digit':
      case 'digit':
        return this.#takeDigit(byte);
      case 'padding':
      case 'extension':
        return this.#takeExtension(byte);
      case 'LF of size':
        return this.#takeLineEnd(byte);
      case 'CR of chunk':
      case 'LF of chunk':
        return this.#takeChunkEnd(byte);
      case 'bytes':
        return;
      case 'trailer start':
      case 'trailer name':
      case 'trailer':
      case 'LF of trailer':
      case 'last LF':
        this.#takeTrailer(byte);
    }
  }

  #takeDigit(byte: number): void {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      if (this.#part === 'first digit') this.#size = 0;
      this.#size = this.#size * 16 + digit;
      if (!Number.isSafeInteger(this.#size)) throw violation('the size of a chunk is too large');
      this.#part = 'digit';
      return this.#count(LINE_BYTES);
    }
    if (this.#part === 'first digit') throw violation('the size of a chunk');
    this.#takeAfterSize(byte);
  }

  #takeAfterSize(byte: number): void {
    this.#count(LINE_BYTES);
    if (byte === CR && this.#part === 'digit') this.#part = 'LF of size';
    else if (byte === SEMICOLON) this.#part = 'extension';
    // Source: RFC 9112, 7.1.1: a blank is tolerated before an extension, and nowhere else.
    else if (byte === BLANK || byte === TAB) this.#part = 'padding';
    else throw violation('the size of a chunk');
  }

  #takeExtension(byte: number): void {
    if (this.#part === 'padding') return this.#takeAfterSize(byte);
    this.#count(LINE_BYTES);
    if (byte === CR) this.#part = 'LF of size';
    else if (isControl(byte)) throw violation('the extension of a chunk');
  }

  #takeLineEnd(byte: number): void {
    if (byte !== LF) throw violation('the line of a chunk does not end with CR LF');
    this.#await(this.#size === 0 ? 'trailer start' : 'bytes');
  }

  #takeChunkEnd(byte: number): void {
    if (this.#part === 'CR of chunk') {
      if (byte !== CR) throw violation('a chunk is longer than it says');
      this.#part = 'LF of chunk';
      return;
    }
    if (byte !== LF) throw violation('a chunk does not end with CR LF');
    this.#await('first digit');
  }

  #takeTrailer(byte: number): void {
    this.#count(TRAILER_BYTES);
    if (this.#part === 'LF of trailer' || this.#part === 'last LF') {
      if (byte !== LF) throw violation('a trailer does not end with CR LF');
      this.#isOver = this.#part === 'last LF';
      this.#part = 'trailer start';
    } else if (this.#part === 'trailer name') {
      if (byte === COLON) this.#part = 'trailer';
      else if (!isToken(byte)) throw violation('the name of a trailer');
    } else if (byte === CR) this.#part = this.#part === 'trailer start' ? 'last LF' : 'LF of trailer';
    else if (this.#part === 'trailer start') {
      if (!isToken(byte)) throw violation('the name of a trailer');
      this.#part = 'trailer name';
    } else if (isControl(byte)) throw violation('a control character in a trailer');
  }

  #await(part: Part): void {
    this.#part = part;
    this.#length = 0;
  }

  #count(most: number): void {
    if (++this.#length > most) throw violation('a line of its chunks, or its trailers, are too long');
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Source: RFC 9110, 5.6.2. */
function isToken(byte: number): boolean {
  return /[!#$%&'*+\-.^_`|~\dA-Za-z]/.test(String.fromCharCode(byte));
}

function isControl(byte: number): boolean {
  return (byte < BLANK && byte !== TAB) || byte === DELETE;
}
