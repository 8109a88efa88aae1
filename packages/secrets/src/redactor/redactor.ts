import type { Clock } from '@hostler/kernel';
import { KeptValues } from './kept-values.ts';
import { maskText } from './mask.ts';
import type { Match } from './pattern-set.ts';
import { createRedactionStream } from './redaction-stream.ts';
import type { RedactionStream } from './redaction-stream.ts';
import { MIN_MASKED_LENGTH } from './secret-parts.ts';

/** Replaces secret values by `[secret]`, whatever their encoding. Sits in the sinks; values live in memory only. */
export interface Redactor {
  /**
   * Registers a value. False when it is shorter than 8 characters, which is never masked.
   * @param name its reference. The value is kept while it is the present one of a name, and for a day after that; a value
   * without a name for a day.
   */
  add(value: string, name?: string): boolean;
  /** Whether exactly this value is registered. */
  has(value: string): boolean;
  /** Names of the secrets of which a form stands in it; undefined for none. `(unnamed)` for values without a name. */
  namesIn(text: string | Uint8Array): ReadonlySet<string> | undefined;
  /**
   * What stands in the text that may not; undefined for nothing. Secrets of which a name is in `allowed` may, and so may
   * what lies wholly within one.
   */
  find(text: string, allowed: ReadonlySet<string>): FoundSecrets | undefined;
  /** The same string when there is nothing to mask. */
  redact(text: string): string;
  /** For text that was cut off: masks the values in it, and leaves out an end that may be the beginning of one. */
  redactCut(text: string): string;
  /** The same bytes when there is nothing to mask; bytes around a match are kept even if they are not UTF-8. */
  redactBytes(bytes: Uint8Array): Uint8Array;
  stream(): RedactionStream;
  /** At least the characters of the longest form that is looked for; 0 when there is none. */
  readonly longest: number;
}

export interface FoundSecrets {
  readonly names: ReadonlySet<string>;
  /** The text with masks. */
  readonly masked: string;
}

export interface RedactorOptions {
  /** Values kept; default 2 000. When full, those go first that are no name's present value, the longest kept first. */
  readonly values?: number;
  /** Characters kept over all forms of all values; default 32 Mi. */
  readonly characters?: number;
  /** Without it, values are forgotten for want of room only. */
  readonly clock?: Clock;
  /** Milliseconds for which a value is masked after it is no name's present value any more; default 24 h. */
  readonly retired?: number;
  /** Told the names of a present value that had to be forgotten for want of room: it is not masked any more. */
  readonly onOverflow?: (names: readonly string[]) => void;
}

const DAY = 24 * 60 * 60 * 1000;

export function createRedactor(options: RedactorOptions = {}): Redactor {
  return new ValueRedactor(options);
}

class ValueRedactor implements Redactor {
  readonly #kept: KeptValues;
  /** Used again by each `namesIn`, which is on the way of every message. */
  readonly #work = { left: 0 };

  constructor({ values = 2_000, characters = 32 * 1024 * 1024, clock, retired = DAY, onOverflow }: RedactorOptions) {
    this.#kept = new KeptValues({ values, characters, clock, retired, onOverflow });
  }

  add(value: string, name?: string): boolean {
    return this.#kept.add(value, name);
  }

  get longest(): number {
    return this.#kept.isEmpty ? 0 : this.#kept.patterns.longest;
  }

  has(value: string): boolean {
    this.#kept.forgetRetired();
    return this.#kept.has(value);
  }

  namesIn(text: string | Uint8Array): ReadonlySet<string> | undefined {
    // A host without secrets pays nothing, nor does what is shorter than any of them.
    if (this.#kept.isEmpty || text.length < MIN_MASKED_LENGTH) return undefined;
    this.#kept.forgetRetired();
    const { patterns } = this.#kept;
    this.#work.left = patterns.workFor(text);
    let match = patterns.next(text, 0, this.#work);
    if (match === undefined) return undefined;
    const names = new Set<string>();
    while (match !== undefined) {
      this.#kept.collectNames(match.pattern, names);
      match = patterns.next(text, match.pattern === undefined ? text.length : match.start + 1, this.#work);
    }
    return names;
  }

  find(text: string, allowed: ReadonlySet<string>): FoundSecrets | undefined {
    this.#kept.forgetRetired();
    const names = new Set<string>();
    const passes = (match: Match): boolean => {
      const found = new Set<string>();
      this.#kept.collectNames(match.pattern, found);
      for (const name of found) if (allowed.has(name)) return true;
      for (const name of found) names.add(name);
      return false;
    };
    const masked = maskText(this.#kept.patterns, text, { passes }).text;
    return names.size === 0 ? undefined : { names, masked };
  }

  redact(text: string): string {
    this.#kept.forgetRetired();
    return maskText(this.#kept.patterns, text).text;
  }

  redactCut(text: string): string {
    this.#kept.forgetRetired();
    const { patterns } = this.#kept;
    return maskText(patterns, text, { until: patterns.firstOpen(text) }).text;
  }

  redactBytes(bytes: Uint8Array): Uint8Array {
    // One character per byte keeps bytes that are not UTF-8; forms of values include their bytes read this way.
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const redacted = this.redact(text);
    return redacted === text ? bytes : Buffer.from(redacted, 'latin1');
  }

  stream(): RedactionStream {
    return createRedactionStream(this.#kept.patterns);
  }
}
