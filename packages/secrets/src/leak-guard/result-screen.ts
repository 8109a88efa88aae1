import type { Redactor } from '../redactor/redactor.ts';
import type { RedactionStream } from '../redactor/redaction-stream.ts';
import { secretErrors } from '../secret-errors.ts';
import { hidesLetters } from './hidden-letters.ts';
import { decodeString, isLiteral, stringEnd } from './json-tokens.ts';
import { safeCut } from './safe-cut.ts';
import { TokenMask } from './token-mask.ts';

/** Looks at a large result while it arrives: what it hands back may be passed on. */
export interface ResultScreen {
  /** @param piece of whole characters. @throws SECRET_LEAK when a secret is in it that cannot be masked */
  push(piece: Uint8Array): readonly Uint8Array[];
  /** What was kept back. @throws SECRET_LEAK */
  end(): readonly Uint8Array[];
}

export interface ResultScreenOptions {
  readonly redactor: Redactor;
  /** Whether what was handed back so far ends within a string. */
  readonly isInString: () => boolean;
  /** Told of each secret when it is found first. */
  readonly onFound: (names: ReadonlySet<string>, action: 'masked' | 'refused') => void;
}

/** A character may be written as one escape of six. */
const LONGEST_ESCAPE = 6;
/** A text of which the end has not come is waited for up to here, to be masked as in a whole message. */
const LONGEST_WAIT = 64 * 1024;
/** A cut is looked for in no more than that. */
const LONGEST_CUT = 256;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const COLON = 0x3a;
const NOTHING = new Uint8Array();

/** What is kept back of the end of each piece, so that no secret can begin in one piece and go on in the next. */
export function keptBack({ longest }: Redactor): number {
  return longest * LONGEST_ESCAPE;
}

/**
 * Masks secrets in a result that arrives in pieces, as `maskMessage` does in a whole message. Pieces without any are only
 * searched. In a piece with one, every text and number is masked by itself; of a text that is too long to wait for, part
 * by part. What cannot be masked so is refused: a secret that reaches over the end of a text.
 */
export class MaskingScreen implements ResultScreen {
  readonly #options: ResultScreenOptions;
  readonly #tokens: TokenMask;
  /** Not handed back yet. */
  #kept: Uint8Array = NOTHING;
  /** The last byte that was handed back before it was masked. */
  #last = 0;
  /** Within a long text of which parts are masked. */
  #text: RedactionStream | undefined;
  /** The end of what was handed back, when it was masked. */
  #before: Uint8Array = NOTHING;
  readonly #told = new Set<string>();

  constructor(options: ResultScreenOptions) {
    this.#options = options;
    this.#tokens = new TokenMask(options.redactor);
  }

  push(piece: Uint8Array): readonly Uint8Array[] {
    const border = keptBack(this.#options.redactor);
    const clean = this.#text === undefined && piece.length > 4 * border + LONGEST_CUT;
    if (clean && piece[0] !== BACKSLASH && this.#isCleanBeside(piece, border)) {
      const kept = this.#kept;
      const until = safeCut(piece, piece.length - border);
      this.#before = NOTHING;
      return [kept, this.#handBack(piece, until, piece.subarray(0, until))];
    }
    const bytes = this.#kept.length === 0 ? piece : Buffer.concat([this.#kept, piece]);
    return [this.#pass(bytes, bytes.length - border, false)];
  }

  end(): readonly Uint8Array[] {
    return [this.#pass(this.#kept, this.#kept.length, true)];
  }

  /**
   * Whether neither the piece holds a secret, nor the border to what was kept of the one before. Searching the two by
   * themselves saves a copy of every piece.
   */
  #isCleanBeside(piece: Uint8Array, border: number): boolean {
    if (!this.#isClean(piece)) return false;
    return this.#kept.length === 0 || this.#isClean(Buffer.concat([this.#kept, piece.subarray(0, border)]));
  }

  #pass(bytes: Uint8Array, limit: number, isLast: boolean): Uint8Array {
    if (limit <= 0 && !isLast) return this.#handBack(bytes, 0, NOTHING);
    if (this.#text === undefined && this.#isClean(bytes)) {
      const until = isLast ? bytes.length : safeCut(bytes, limit);
      this.#before = NOTHING;
      return this.#handBack(bytes, until, bytes.subarray(0, until));
    }
    this.#addNames(bytes);
    const masked = new PieceMask(bytes, isLast ? bytes.length : limit, isLast);
    const until = this.#mask(masked);
    const out = Buffer.concat(masked.pieces);
    this.#requireMasked(out, bytes.subarray(until));
    this.#tell('masked');
    return this.#handBack(bytes, until, out);
  }

  #isClean(bytes: Uint8Array): boolean {
    return this.#options.redactor.namesIn(bytes) === undefined && !hidesLetters(bytes);
  }

  #handBack(bytes: Uint8Array, until: number, out: Uint8Array): Uint8Array {
    if (until > 0) this.#last = bytes[until - 1] as number;
    // A copy, for a part would keep all that it was cut from.
    this.#kept = until === bytes.length ? NOTHING : Uint8Array.from(bytes.subarray(until));
    return out;
  }

  /** @returns up to where it was masked */
  #mask(piece: PieceMask): number {
    let at = 0;
    if (this.#text !== undefined || this.#options.isInString()) {
      at = this.#maskText(piece, 0);
      if (this.#text !== undefined) return at;
    } else if (isLiteral(this.#last) && isLiteral(piece.bytes[0] ?? 0)) this.#refuse();
    for (;;) {
      const token = piece.next(at);
      if (token === undefined) return piece.finish();
      if (token.end === undefined) {
        if (piece.canWait(token.start)) return piece.finishAt(token.start);
        if (token.kind === 'literal' || piece.isLast) this.#refuse();
        piece.skipTo(token.start + 1);
        return this.#maskText(piece, token.start + 1);
      }
      const masked = this.#tokens.mask(piece.bytes.subarray(token.start, token.end), token.kind);
      if (masked !== undefined) piece.replace(token.start, token.end, masked);
      at = token.end;
    }
  }

  /** Masks a text, or the part of it that is there. @param from within the text. @returns behind what was masked */
  #maskText(piece: PieceMask, from: number): number {
    const { bytes, limit } = piece;
    const close = stringEnd(bytes, from - 1);
    const isWhole = close !== undefined && close - 1 <= limit;
    const until = isWhole ? close - 1 : Math.max(from, safeCut(bytes, limit));
    const text = decodeString(Buffer.concat([QUOTE_BYTES, bytes.subarray(from, until), QUOTE_BYTES]));
    if (text === undefined || (piece.isLast && !isWhole)) return this.#refuse();
    this.#text ??= this.#options.redactor.stream();
    this.#addNames(text);
    const masked = this.#text.push(text) + (isWhole ? this.#text.end() : '');
    if (isWhole) this.#text = undefined;
    piece.replace(from, until, Buffer.from(JSON.stringify(masked).slice(1, -1)));
    return isWhole ? close : piece.finishAt(until);
  }

  /** That no secret is left in it, not even one that goes on in what follows. */
  #requireMasked(out: Uint8Array, rest: Uint8Array): void {
    const { redactor } = this.#options;
    const border = keptBack(redactor);
    const next = redactor.redactBytes(rest.subarray(0, border));
    if (redactor.namesIn(Buffer.concat([this.#before, out, next])) !== undefined) this.#refuse();
    this.#before = out.length > border ? out.subarray(out.length - border) : out;
  }

  #addNames(text: string | Uint8Array): void {
    for (const name of this.#options.redactor.namesIn(text) ?? []) this.#tokens.names.add(name);
  }

  #tell(action: 'masked' | 'refused'): void {
    const names = [...this.#tokens.names].filter((name) => action === 'refused' || !this.#told.has(name));
    if (names.length === 0) return;
    for (const name of names) this.#told.add(name);
    this.#options.onFound(new Set(names), action);
  }

  #refuse(): never {
    this.#tell('refused');
    throw secretErrors.LEAK();
  }
}

interface Token {
  readonly kind: 'key' | 'string' | 'literal';
  readonly start: number;
  /** Undefined when it may go on, or when it is not settled yet what it is. */
  readonly end: number | undefined;
}

/** One piece on its way to being masked. */
class PieceMask {
  readonly bytes: Uint8Array;
  /** Tokens that end behind it are left for the next piece. */
  readonly limit: number;
  readonly isLast: boolean;
  readonly pieces: Uint8Array[] = [];
  #writtenTo = 0;

  constructor(bytes: Uint8Array, limit: number, isLast: boolean) {
    this.bytes = bytes;
    this.limit = limit;
    this.isLast = isLast;
  }

  next(from: number): Token | undefined {
    const { bytes, limit } = this;
    for (let at = from; at < limit; at += 1) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) return this.#settled({ start: at, ...this.#stringAt(at) });
      if (isLiteral(byte)) return this.#settled({ start: at, kind: 'literal', end: this.#literalEnd(at) });
    }
    return undefined;
  }

  canWait(start: number): boolean {
    return !this.isLast && this.bytes.length - start < LONGEST_WAIT;
  }

  skipTo(at: number): void {
    this.pieces.push(this.bytes.subarray(this.#writtenTo, at));
    this.#writtenTo = at;
  }

  replace(start: number, end: number, by: Uint8Array): void {
    this.pieces.push(this.bytes.subarray(this.#writtenTo, start), by);
    this.#writtenTo = end;
  }

  finish(): number {
    return this.finishAt(Math.max(this.limit, this.#writtenTo));
  }

  finishAt(at: number): number {
    this.skipTo(at);
    return at;
  }

  #settled(token: Token): Token {
    return token.end !== undefined && token.end > this.limit ? { ...token, end: undefined } : token;
  }

  /** Whether it is a key shows only in what follows. */
  #stringAt(start: number): Pick<Token, 'kind' | 'end'> {
    const end = stringEnd(this.bytes, start);
    if (end === undefined) return { kind: 'string', end };
    let at = end;
    while (at < this.bytes.length && (this.bytes[at] as number) <= 0x20) at += 1;
    if (at === this.bytes.length && !this.isLast) return { kind: 'string', end: undefined };
    return { kind: this.bytes[at] === COLON ? 'key' : 'string', end };
  }

  #literalEnd(start: number): number | undefined {
    let end = start + 1;
    while (end < this.bytes.length && isLiteral(this.bytes[end] as number)) end += 1;
    return end === this.bytes.length && !this.isLast ? undefined : end;
  }
}

const QUOTE_BYTES = Buffer.from('"');
