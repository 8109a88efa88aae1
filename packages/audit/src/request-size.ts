import type { JsonObject } from '@hostler/kernel';

/** Bytes of a value as JSON. */
export function bytesOf(value: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/**
 * The same of params of which the size of the arguments is known: they are not written once more for that.
 * @param length bytes of `values`
 */
export function bytesWith(params: JsonObject, values: JsonObject, length: number): number {
  if (params['arguments'] !== values) return bytesOf(params);
  let size = BRACES;
  for (const key in params) {
    const value = params[key];
    if (value === undefined) continue;
    size += bytesOfText(key) + COLON_AND_COMMA + (value === values ? length : bytesOfValue(value));
  }
  return Math.max(BRACES, size - 1);
}

const BRACES = 2;
const COLON_AND_COMMA = 2;

function bytesOfValue(value: JsonObject[string]): number {
  return typeof value === 'string' ? bytesOfText(value) : Buffer.byteLength(JSON.stringify(value));
}

/** What has to be escaped, or takes more than a byte. */
const NOT_PLAIN = /[^ !#-[\]-~]/;
const QUOTES = 2;

function bytesOfText(text: string): number {
  return NOT_PLAIN.test(text) ? Buffer.byteLength(JSON.stringify(text)) : text.length + QUOTES;
}
