/** Texts that are kept, and characters of each. */
const MOST = 1_024;
const LONGEST = 128;

/**
 * What is written for a text, kept in one piece. The same few names stand in all records: finding what is written for one
 * takes 20 ns, writing it 90; and a record is put together of few pieces.
 */
export class KnownTexts {
  readonly #write: (text: string) => string;
  readonly #known = new Map<string, string>();

  constructor(write: (text: string) => string) {
    this.#write = write;
  }

  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const written = this.#write(text);
    if (text.length > LONGEST || this.#known.size >= MOST) return written;
    const kept = inOnePiece(written);
    this.#known.set(text, kept);
    return kept;
  }
}

/** What was put together is copied together each time it is read within another text. @param text well-formed */
export function inOnePiece(text: string): string {
  return Buffer.from(text).toString();
}
