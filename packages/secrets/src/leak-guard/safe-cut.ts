import { isLiteral } from './json-tokens.ts';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** Numbers of more digits are cut all the same. */
const LONGEST_NUMBER = 64;

/**
 * Where JSON may be cut at `limit` or a little before it, whether that is in a string or not: not within a number or
 * word, an escape or a character. @param bytes must not begin within an escape
 */
export function safeCut(bytes: Uint8Array, limit: number): number {
  let at = limit;
  for (let steps = 0; steps < LONGEST_NUMBER && at > 0 && isLiteral(bytes[at - 1] as number); steps += 1) at -= 1;
  if (at === limit - LONGEST_NUMBER) at = limit;
  at = beforeEscape(bytes, at);
  while (at > 0 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at;
}

function beforeEscape(bytes: Uint8Array, at: number): number {
  let last = at - 1;
  const first = Math.max(0, at - 5);
  while (last >= first && bytes[last] !== BACKSLASH) last -= 1;
  if (last < first) return at;
  let slashes = 1;
  while (last - slashes >= 0 && bytes[last - slashes] === BACKSLASH) slashes += 1;
  // Two of them are one that is escaped.
  if (slashes % 2 === 0) return at;
  const length = bytes[last + 1] === LETTER_U ? 6 : 2;
  return last + length > at ? last : at;
}
