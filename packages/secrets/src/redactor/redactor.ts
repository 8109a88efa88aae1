import { allForms, textForms } from './encodings.ts';
import { maskText } from './mask.ts';
import { PatternSet } from './pattern-set.ts';
import { createRedactionStream } from './redaction-stream.ts';
import type { RedactionStream } from './redaction-stream.ts';
import { MIN_MASKED_LENGTH, secretParts } from './secret-parts.ts';

/** Replaces secret values by `[secret]`, whatever their encoding. Sits in the sinks; values live in memory only. */
export interface Redactor {
  /** Registers a value. False when it is shorter than 8 characters, which is never masked. */
  add(value: string): boolean;
  /** Whether exactly this value is registered. */
  has(value: string): boolean;
  /** The same string when there is nothing to mask. */
  redact(text: string): string;
  /** The same bytes when there is nothing to mask; bytes around a match are kept even if they are not UTF-8. */
  redactBytes(bytes: Uint8Array): Uint8Array;
  stream(): RedactionStream;
}

export interface RedactorLimits {
  /** Values kept; default 2 000. When full, the one that was added or added again longest ago is forgotten. */
  readonly values?: number;
  /** Characters kept over all forms of all values; default 32 Mi. */
  readonly characters?: number;
}

export function createRedactor(limits: RedactorLimits = {}): Redactor {
  return new ValueRedactor(limits.values ?? 2_000, limits.characters ?? 32 * 1024 * 1024);
}

class ValueRedactor implements Redactor {
  readonly #patterns = new PatternSet();
  /** The forms of each value, least recently added first. */
  readonly #forms = new Map<string, ReadonlySet<string>>();
  /** How many values have this form. */
  readonly #users = new Map<string, number>();
  readonly #maxValues: number;
  readonly #maxCharacters: number;
  #characters = 0;

  constructor(maxValues: number, maxCharacters: number) {
    this.#maxValues = maxValues;
    this.#maxCharacters = maxCharacters;
  }

  add(value: string): boolean {
    if (value.length < MIN_MASKED_LENGTH) return false;
    const known = this.#forms.get(value);
    const forms = known ?? formsOf(value);
    this.#forms.delete(value);
    this.#forms.set(value, forms);
    if (known !== undefined) return true;
    for (const form of forms) this.#use(form);
    this.#forgetOldest();
    return true;
  }

  has(value: string): boolean {
    return this.#forms.has(value);
  }

  redact(text: string): string {
    return maskText(this.#patterns, text, text.length, 0).text;
  }

  redactBytes(bytes: Uint8Array): Uint8Array {
    // One character per byte keeps bytes that are not UTF-8; forms of values include their bytes read this way.
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const redacted = this.redact(text);
    return redacted === text ? bytes : Buffer.from(redacted, 'latin1');
  }

  stream(): RedactionStream {
    return createRedactionStream(this.#patterns);
  }

  #use(form: string): void {
    const users = this.#users.get(form) ?? 0;
    this.#users.set(form, users + 1);
    if (users > 0) return;
    this.#patterns.add(form);
    this.#characters += form.length;
  }

  #forgetOldest(): void {
    for (const [value, forms] of this.#forms) {
      const full = this.#forms.size > this.#maxValues || this.#characters > this.#maxCharacters;
      if (!full || this.#forms.size === 1) return;
      this.#forms.delete(value);
      for (const form of forms) this.#release(form);
    }
  }

  #release(form: string): void {
    const users = this.#users.get(form) ?? 0;
    if (users > 1) {
      this.#users.set(form, users - 1);
      return;
    }
    this.#users.delete(form);
    this.#patterns.delete(form);
    this.#characters -= form.length;
  }
}

function formsOf(value: string): ReadonlySet<string> {
  const { values, lines } = secretParts(value);
  const forms = new Set<string>();
  for (const part of values) for (const form of allForms(part)) forms.add(form);
  for (const line of lines) for (const form of textForms(line)) forms.add(form);
  return forms;
}
