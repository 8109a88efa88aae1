import type { Clock } from '@hostler/kernel';
import { allForms, textForms } from './encodings.ts';
import { MASK } from './mask.ts';
import { PatternSet } from './pattern-set.ts';
import { MIN_MASKED_LENGTH, secretParts } from './secret-parts.ts';

/** Name of values that were added without one. Cannot be a reference. */
export const UNNAMED = '(unnamed)';

/** Begins the names of tokens that authorization servers gave. */
const TOKEN = 'oauth://';

export interface KeptValuesOptions {
  readonly values: number;
  readonly characters: number;
  readonly retired: number;
  readonly clock: Clock | undefined;
  readonly onOverflow: ((names: readonly string[]) => void) | undefined;
}

interface Kept {
  readonly text: string;
  readonly forms: ReadonlySet<string>;
  /** Names whose present value this is. */
  readonly names: Set<string>;
  /** Names that had this value before. */
  readonly formerNames: Set<string>;
  /** Since when it is nobody's present value. */
  retiredAt: number;
}

/**
 * The values to mask, and for how long: the present value of a name stays, another one (rotated, or without a name)
 * is forgotten some time after it was last added. There is no timer: time is looked at when the values are used.
 */
export class KeptValues {
  readonly patterns = new PatternSet();
  readonly #options: KeptValuesOptions;
  /** Those in `#present` in the order in which they were added, least recently first. */
  readonly #values = new Map<string, Kept>();
  readonly #present = new Map<string, Kept>();
  /** The longest retired first. */
  readonly #retired = new Set<Kept>();
  /** The values that have this form. */
  readonly #users = new Map<string, Kept[]>();
  #nextExpiry = Infinity;
  #characters = 0;

  constructor(options: KeptValuesOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  add(text: string, name: string | undefined): boolean {
    const former = name === undefined ? undefined : this.#present.get(name);
    if (name !== undefined && former !== undefined && former.text !== text) this.#leave(former, name);
    if (text.length < MIN_MASKED_LENGTH) return false;
    const kept = this.#values.get(text) ?? this.#take(text);
    this.#values.delete(text);
    this.#values.set(text, kept);
    if (name !== undefined) {
      kept.names.add(name);
      kept.formerNames.delete(name);
      this.#present.set(name, kept);
      this.#retired.delete(kept);
    } else if (kept.names.size === 0) this.#retire(kept);
    this.forgetRetired();
    this.#makeRoom(kept);
    return true;
  }

  has(text: string): boolean {
    return this.#values.has(text);
  }

  /** Adds the names of the values that have this form. */
  collectNames(form: string | undefined, names: Set<string>): void {
    const users = form === undefined ? [] : (this.#users.get(form) ?? []);
    for (const kept of users) {
      for (const name of kept.names) names.add(name);
      for (const name of kept.formerNames) names.add(name);
    }
    if (users.every(isUnnamed)) names.add(UNNAMED);
  }

  /** Forgets the values that are retired for long enough. */
  forgetRetired(): void {
    // Mostly nothing is retired: then nobody asks for the time.
    if (this.#nextExpiry === Infinity || this.#options.clock === undefined) return;
    const now = this.#options.clock.now();
    if (this.#nextExpiry > now) return;
    this.#nextExpiry = Infinity;
    for (const kept of this.#retired) {
      const expiry = kept.retiredAt + this.#options.retired;
      if (expiry > now) {
        this.#nextExpiry = expiry;
        return;
      }
      this.#forget(kept);
    }
  }

  #take(text: string): Kept {
    const kept = { text, forms: formsOf(text), names: new Set<string>(), formerNames: new Set<string>(), retiredAt: 0 };
    for (const form of kept.forms) {
      const users = this.#users.get(form);
      if (users !== undefined) users.push(kept);
      else {
        this.#users.set(form, [kept]);
        this.patterns.add(form);
        this.#characters += form.length;
      }
    }
    return kept;
  }

  #leave(kept: Kept, name: string): void {
    this.#present.delete(name);
    kept.names.delete(name);
    kept.formerNames.add(name);
    if (kept.names.size === 0) this.#retire(kept);
  }

  #retire(kept: Kept): void {
    kept.retiredAt = this.#options.clock?.now() ?? 0;
    this.#retired.delete(kept);
    this.#retired.add(kept);
    this.#nextExpiry = Math.min(this.#nextExpiry, kept.retiredAt + this.#options.retired);
  }

  /** The retired go first, then what others gave: however many users there are, the operator's own stay. A present value that has to go is reported: it will be seen in clear from now on. */
  #makeRoom(newest: Kept): void {
    const { values, characters, onOverflow } = this.#options;
    for (const candidates of [this.#retired, this.#tokens(), this.#values.values()]) {
      for (const kept of candidates) {
        if (this.#values.size <= values && this.#characters <= characters) return;
        if (kept === newest) continue;
        this.#forget(kept);
        if (kept.names.size > 0) onOverflow?.([...kept.names]);
      }
    }
  }

  *#tokens(): Generator<Kept> {
    for (const kept of this.#values.values()) if ([...kept.names].every((name) => name.startsWith(TOKEN))) yield kept;
  }

  #forget(kept: Kept): void {
    this.#values.delete(kept.text);
    this.#retired.delete(kept);
    for (const name of kept.names) this.#present.delete(name);
    for (const form of kept.forms) this.#release(form, kept);
  }

  #release(form: string, kept: Kept): void {
    const others = (this.#users.get(form) ?? []).filter((user) => user !== kept);
    if (others.length > 0) {
      this.#users.set(form, others);
      return;
    }
    this.#users.delete(form);
    this.patterns.delete(form);
    this.#characters -= form.length;
  }
}

function isUnnamed(kept: Kept): boolean {
  return kept.names.size === 0 && kept.formerNames.size === 0;
}

function formsOf(value: string): ReadonlySet<string> {
  const { values, lines } = secretParts(value);
  const forms = new Set<string>();
  for (const part of values) for (const form of allForms(part)) forms.add(form);
  for (const line of lines) for (const form of textForms(line)) forms.add(form);
  // It hides nothing to mask the mask.
  forms.delete(MASK);
  return forms;
}
