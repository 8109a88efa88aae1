import type { Redactor } from '../redactor/redactor.ts';
import { decodeString, eachToken } from './json-tokens.ts';
import type { JsonToken } from './json-tokens.ts';
import { TokenMask } from './token-mask.ts';

/** Members of a message that say where it belongs; without them nobody could tell what was masked. */
const ADDRESS = new Set(['jsonrpc', 'id', 'method']);

/** A message from which the secrets were taken. */
export interface MaskedMessage {
  readonly bytes: Uint8Array;
  /** The secrets that stood in it. */
  readonly names: ReadonlySet<string>;
  /** Whether a secret is still there that no single text or number explains. */
  readonly isOpen: boolean;
  /** The JSON of its id and method. */
  readonly id: Uint8Array | undefined;
  readonly method: Uint8Array | undefined;
}

/** Masks secrets in every text and number of a JSON-RPC message; all other bytes stay as they are. */
export function maskMessage(bytes: Uint8Array, redactor: Redactor): MaskedMessage {
  const mask = new MessageMask(bytes, redactor);
  const isWhole = eachToken(bytes, (token) => mask.visit(token));
  return mask.finish(isWhole);
}

class MessageMask {
  readonly #bytes: Uint8Array;
  readonly #redactor: Redactor;
  readonly #pieces: Uint8Array[] = [];
  /** The same pieces without the values of the address. */
  readonly #looked: Uint8Array[] = [];
  readonly #tokens: TokenMask;
  readonly #address = new Map<string, Uint8Array>();
  #member = '';
  #writtenTo = 0;

  constructor(bytes: Uint8Array, redactor: Redactor) {
    this.#bytes = bytes;
    this.#redactor = redactor;
    this.#tokens = new TokenMask(redactor);
  }

  visit(token: JsonToken): void {
    const bytes = this.#bytes.subarray(token.start, token.end);
    if (token.depth === 1 && token.kind === 'key') this.#member = decodeString(bytes) ?? '';
    else if (token.depth === 1 && ADDRESS.has(this.#member)) {
      this.#address.set(this.#member, bytes);
      this.#write(token, bytes, false);
      return;
    }
    const masked = this.#tokens.mask(bytes, token.kind);
    if (masked !== undefined) this.#write(token, masked, true);
  }

  finish(isWhole: boolean): MaskedMessage {
    const end = { start: this.#bytes.length, end: this.#bytes.length };
    const { names } = this.#tokens;
    const isChanged = names.size > 0;
    this.#write(end, this.#bytes.subarray(this.#bytes.length), true);
    const left = this.#redactor.namesIn(Buffer.concat(this.#looked));
    for (const name of left ?? []) names.add(name);
    const bytes = isChanged ? Buffer.concat(this.#pieces) : this.#bytes;
    return {
      // What is no JSON is refused by whoever reads it: only its text must not show the secret.
      bytes: isWhole || left === undefined ? bytes : this.#redactor.redactBytes(bytes),
      names,
      isOpen: isWhole && left !== undefined,
      id: this.#address.get('id'),
      method: this.#address.get('method'),
    };
  }

  #write(token: Pick<JsonToken, 'start' | 'end'>, bytes: Uint8Array, isLooked: boolean): void {
    const before = this.#bytes.subarray(this.#writtenTo, token.start);
    this.#pieces.push(before, bytes);
    this.#looked.push(before);
    if (isLooked) this.#looked.push(bytes);
    this.#writtenTo = token.end;
  }
}
