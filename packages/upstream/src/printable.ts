import { stripVTControlCharacters } from 'node:util';

/** Foreign text for a log: without control, formatting and colour characters, cut to `length` characters. */
export function printable(text: string, length: number): string {
  // Cut twice: what is stripped must not be gone through in full length, and what is left may still be longer.
  return stripVTControlCharacters(text.slice(0, 4 * length))
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .slice(0, length);
}
