import { MASK } from '../redactor/mask.ts';
import type { Redactor } from '../redactor/redactor.ts';
import { decodeString } from './json-tokens.ts';

const NONE: ReadonlySet<string> = new Set();
const QUOTED_MASK = JSON.stringify(MASK);
const BACKSLASH = 0x5c;

/** Masks the texts and numbers of one message, each by itself. */
export class TokenMask {
  /** The secrets that stood in them. */
  readonly names = new Set<string>();
  readonly #redactor: Redactor;
  #maskedKeys = 0;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** @param token with its quotes, unless it is a number or word. @returns undefined when there is nothing to mask */
  mask(token: Uint8Array, kind: 'key' | 'string' | 'literal'): Buffer | undefined {
    const masked = kind === 'literal' ? this.#maskLiteral(token) : this.#maskString(token, kind === 'key');
    return masked === undefined ? undefined : Buffer.from(masked);
  }

  #maskLiteral(bytes: Uint8Array): string | undefined {
    return this.#holdsSecret(bytes) ? QUOTED_MASK : undefined;
  }

  #maskString(bytes: Uint8Array, isKey: boolean): string | undefined {
    // Without an escape the bytes are the text.
    if (!bytes.includes(BACKSLASH) && this.#redactor.namesIn(bytes) === undefined) return undefined;
    const text = decodeString(bytes);
    const found = text === undefined ? undefined : this.#redactor.find(text, NONE);
    for (const name of found?.names ?? []) this.names.add(name);
    const token = found && JSON.stringify(isKey ? this.#keyOf(found.masked) : found.masked);
    // What only shows as it is written, with its escapes, cannot be cut out of the text.
    return this.#holdsSecret(token === undefined ? bytes : Buffer.from(token))
      ? JSON.stringify(isKey ? this.#keyOf(MASK) : MASK)
      : token;
  }

  #holdsSecret(bytes: Uint8Array): boolean {
    const names = this.#redactor.namesIn(bytes);
    for (const name of names ?? []) this.names.add(name);
    return names !== undefined;
  }

  /** Keys that were different stay different: readers refuse an object that has one twice. */
  #keyOf(masked: string): string {
    this.#maskedKeys += 1;
    return this.#maskedKeys === 1 ? masked : `${masked} ${this.#maskedKeys}`;
  }
}
