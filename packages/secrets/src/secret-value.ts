import { isJsonObject } from '@hostler/kernel';
import { secretErrors } from './secret-errors.ts';
import { keyNames } from './secret-ref.ts';
import type { SecretRef } from './secret-ref.ts';

/** Largest value in bytes of UTF-8; the largest that the common backends store. */
export const MAX_VALUE_BYTES = 64 * 1024;

/**
 * A value that can be put into an environment variable or a header and masked in output. Several lines are fine.
 * @throws SECRET_VALUE_INVALID
 */
export function checkValue(value: unknown): string {
  if (typeof value !== 'string') throw invalidValue('is not text.');
  if (value.trim() === '') throw invalidValue('is empty.');
  if (value.includes('\0')) throw invalidValue('holds a NUL character, which no environment variable can.');
  if (!value.isWellFormed()) throw invalidValue('is not well-formed text.');
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES) throw invalidValue('is larger than 64 KiB.');
  return value;
}

/**
 * Selects from a JSON value by a dotted key. Text, booleans and whole numbers can be selected; only what is written in it.
 * @throws SECRET_NOT_FOUND when there is no such key, SECRET_VALUE_INVALID when the value is no JSON object
 */
export function selectKey(value: string, key: string): string {
  const root = parseJson(value);
  if (!isJsonObject(root)) throw invalidValue('is not a JSON object, so that no key can be selected with #.');
  const found = keyNames(key).reduce<unknown>(step, root);
  if (found === undefined || found === null) throw secretErrors.NOT_FOUND();
  if (typeof found === 'string') return found;
  if (typeof found === 'boolean' || (typeof found === 'number' && Number.isSafeInteger(found))) return String(found);
  throw invalidValue('has no text, whole number or boolean at the selected key.');
}

/**
 * What a reference selects from the value that `target` names: all of it when the provider selected already.
 * @throws as `selectKey` and `checkValue`
 */
export function selectText(value: string, ref: SecretRef, target: SecretRef): string {
  return target.text === ref.text || ref.key === undefined ? value : checkValue(selectKey(value, ref.key));
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error quotes the text, which is secret; "no JSON" is all there is to know.
    return undefined;
  }
}

export function invalidValue(problem: string): Error {
  return secretErrors.VALUE_INVALID({ details: { problem } });
}

function step(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.keys(value).includes(name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
