/** What a text of JSON holds, read by none of the host's parsers. */
export interface StrictReading {
  /** Of members that stand twice, the last. */
  readonly value: unknown;
  /** Members that stand twice, by their paths: two parsers may read two things. */
  readonly twice: readonly string[];
  /** Every key and text, decoded, and every number as it is written; those of members that stand twice as well. */
  readonly texts: readonly string[];
}

/** Source: RFC 8259. @throws SyntaxError */
export function readStrictly(bytes: Uint8Array): StrictReading {
  return new StrictReader(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).read();
}

const SPACE = ' \t\r\n';
const LITERAL = /[-+.0-9A-Za-z]/;

class StrictReader {
  readonly #text: string;
  readonly #twice: string[] = [];
  readonly #texts: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): StrictReading {
    const value = this.#value('');
    this.#skipSpace();
    if (this.#at !== this.#text.length) throw this.#wrong();
    return { value, twice: this.#twice, texts: this.#texts };
  }

  #value(path: string): unknown {
    this.#skipSpace();
    const next = this.#text[this.#at];
    if (next === '{') return this.#object(path);
    if (next === '[') return this.#list(path);
    if (next === '"') return this.#string();
    return this.#literal();
  }

  #object(path: string): object {
    const members = new Map<string, unknown>();
    this.#at += 1;
    if (this.#skips('}')) return {};
    do {
      this.#skipSpace();
      const key = this.#string();
      const own = `${path}/${key}`;
      if (members.has(key)) this.#twice.push(own);
      if (!this.#skips(':')) throw this.#wrong();
      members.set(key, this.#value(own));
    } while (this.#skips(','));
    if (!this.#skips('}')) throw this.#wrong();
    return Object.fromEntries(members);
  }

  #list(path: string): unknown[] {
    const elements: unknown[] = [];
    this.#at += 1;
    if (this.#skips(']')) return elements;
    do elements.push(this.#value(`${path}/${elements.length}`));
    while (this.#skips(','));
    if (!this.#skips(']')) throw this.#wrong();
    return elements;
  }

  #string(): string {
    const from = this.#at;
    if (this.#text[from] !== '"') throw this.#wrong();
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"')
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    this.#at += 1;
    // What is wrong within is told here.
    const text = JSON.parse(this.#text.slice(from, this.#at)) as string;
    this.#texts.push(text);
    return text;
  }

  #literal(): unknown {
    const from = this.#at;
    while (LITERAL.test(this.#text[this.#at] ?? '')) this.#at += 1;
    const written = this.#text.slice(from, this.#at);
    const value: unknown = JSON.parse(written);
    this.#texts.push(written);
    return value;
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && SPACE.includes(this.#text[this.#at] as string)) this.#at += 1;
  }

  #skips(sign: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #wrong(): SyntaxError {
    return new SyntaxError(`no JSON from character ${this.#at} on`);
  }
}
