import type { Json } from '@hostler/kernel';
import type { Redactor } from '../redactor/redactor.ts';

/** Numbers with fewer digits are shorter than any secret that is masked. */
const LEAST_NUMBER = 10_000_000;

export interface ValueMask {
  readonly redactor: Redactor;
  /** Names of the secrets that may stand in it. */
  readonly allowed: ReadonlySet<string>;
  /** Told of the secrets of each text. */
  readonly onFound: (names: ReadonlySet<string>) => void;
}

/** The value with masks in its texts, keys and numbers; the same one when there is nothing to mask. */
export function maskValue(value: Json, mask: ValueMask): Json {
  if (typeof value === 'string') return maskString(value, mask);
  if (typeof value === 'number') return maskNumber(value, mask);
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? maskList(value, mask) : maskObject(value as { readonly [key: string]: Json }, mask);
}

function maskString(text: string, { redactor, allowed, onFound }: ValueMask): string {
  if (redactor.namesIn(text) === undefined) return text;
  const found = redactor.find(text, allowed);
  if (found === undefined) return text;
  onFound(found.names);
  return found.masked;
}

function maskNumber(value: number, mask: ValueMask): Json {
  if (value < LEAST_NUMBER && value > -LEAST_NUMBER) return value;
  const text = String(value);
  const masked = maskString(text, mask);
  return masked === text ? value : masked;
}

function maskList(list: readonly Json[], mask: ValueMask): Json {
  let copy: Json[] | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index] as Json;
    const masked = maskValue(item, mask);
    if (masked === item) continue;
    copy ??= [...list];
    copy[index] = masked;
  }
  return copy ?? list;
}

function maskObject(object: { readonly [key: string]: Json }, mask: ValueMask): Json {
  let entries: Map<string, [string, Json]> | undefined;
  let maskedKeys = 0;
  // Not `Object.entries`: this is on the way of every call, and hardly ever finds something.
  for (const key in object) {
    const value = object[key] as Json;
    const masked = maskValue(value, mask);
    const maskedKey = maskString(key, mask);
    if (masked === value && maskedKey === key) continue;
    entries ??= new Map(Object.entries(object).map((entry) => [entry[0], entry]));
    if (maskedKey !== key) maskedKeys += 1;
    // Keys that were different stay different.
    entries.set(key, [maskedKeys > 1 && maskedKey !== key ? `${maskedKey} ${maskedKeys}` : maskedKey, masked]);
  }
  return entries === undefined ? object : Object.fromEntries(entries.values());
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
