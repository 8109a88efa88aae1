import type { Json } from './json.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A JSON value that is parsed, or serialised, only when someone looks. No reader may change what it gets. */
export class Payload {
  #bytes: Uint8Array | undefined;
  #value: Json | undefined;

  private constructor(bytes: Uint8Array | undefined, value: Json | undefined) {
    this.#bytes = bytes;
    this.#value = value;
  }

  /** The bytes must be one JSON value in UTF-8 whose shape was checked by a scanner. */
  static ofBytes(bytes: Uint8Array): Payload {
    return new Payload(bytes, undefined);
  }

  static of(value: Json): Payload {
    return new Payload(undefined, value);
  }

  bytes(): Uint8Array {
    this.#bytes ??= encoder.encode(JSON.stringify(this.#value));
    return this.#bytes;
  }

  /** @throws SyntaxError or TypeError when the bytes are not JSON in UTF-8. */
  value(): Json {
    // Not `??=`: null is a value.
    if (this.#value === undefined) this.#value = JSON.parse(decoder.decode(this.#bytes)) as Json;
    return this.#value;
  }
}
