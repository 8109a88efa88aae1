import { MIN_MASKED_LENGTH } from './redactor/secret-parts.ts';

const SHOWN = '[secret]';

/** A resolved secret. However it is printed, copied or serialised it shows `[secret]`; only `reveal()` gives the text. */
export class Secret {
  /** Where it came from; safe to print. */
  readonly reference: string;
  /** The provider's name for this version of the value, if it has one. */
  readonly version?: string;
  /** Shorter than 8 characters: too short to be masked in output without destroying it. Report it to the operator. */
  readonly weak: boolean;
  readonly #text: string;

  constructor(text: string, origin: { readonly reference: string; readonly version?: string }) {
    this.#text = text;
    this.reference = origin.reference;
    if (origin.version !== undefined) this.version = origin.version;
    this.weak = text.length < MIN_MASKED_LENGTH;
    Object.freeze(this);
  }

  /** The text itself. Only for the place that hands it to a child process or an upstream. */
  reveal(): string {
    return this.#text;
  }

  /** Whether both hold the same text: how a rotation is noticed without revealing anything. */
  sameAs(other: Secret): boolean {
    return this.#text === other.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.toPrimitive](): string {
    return SHOWN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}
