import type { Runtime } from '@hostler/runtime';

type Redacting = Pick<Runtime, 'redact' | 'redactBytes'>;

/** Masks secrets in all that a command prints, its error included: what a server says of itself may hold one. */
export interface Masking {
  /** From now on secrets that this runtime has read are masked, also after it is closed. */
  use(runtime: Redacting): void;
  text(text: string): string;
  bytes(bytes: Uint8Array): Uint8Array;
  /** The same value where there is nothing to mask yet; else a copy, masked as `json` does. */
  value<Value>(value: Value): Value;
  /** A value as JSON. Text by text and name by name, so that it stays JSON whatever is masked. */
  json(value: unknown, indent?: number): string;
}

/** Masks nothing before there is a runtime: nothing has been read then. */
export function createMasking(): Masking {
  let redacting: Redacting | undefined;
  const text = (given: string): string => redacting?.redact(given) ?? given;
  function mask(_key: string, value: unknown): unknown {
    if (typeof value === 'string') return text(value);
    // A secret may be a number inside a JSON value.
    if (typeof value === 'number') return text(String(value)) === String(value) ? value : text(String(value));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const names = Object.keys(value);
    if (names.every((name) => text(name) === name)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]): [string, unknown] => [text(name), inner]));
  }
  return {
    use(runtime) {
      redacting = runtime;
    },
    text,
    value: <Value>(value: Value): Value =>
      redacting === undefined ? value : (JSON.parse(JSON.stringify(value, mask)) as Value),
    bytes: (bytes) => redacting?.redactBytes(bytes) ?? bytes,
    json: (value, indent) => JSON.stringify(value, redacting === undefined ? undefined : mask, indent),
  };
}
