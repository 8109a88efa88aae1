import { stripVTControlCharacters } from 'node:util';

/** Characters that a text which is cut loses at least, beside what is over its bound. */
const MARGIN = 256;

/**
 * Foreign text for a log: without control, formatting and colour characters, at most `length` characters. The log masks
 * secrets that stand in it whole; of one that is cut in two it would know nothing. A text that is cut therefore loses more
 * than it must: a margin, and from there the rest of the word.
 * @param isCut whether something was cut off its end before
 */
export function printable(text: string, length: number, isCut = false): string {
  // Cut before, too: what is stripped must not be gone through in full length.
  const shown = stripVTControlCharacters(text.slice(0, 4 * length)).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
  if (!isCut && text.length <= 4 * length && shown.length <= length) return shown;
  const bound = Math.min(shown.length, length) - Math.min(MARGIN, length >> 1);
  return `${shown.slice(0, lastSpaceBefore(shown, bound))}${CUT}`;
}

const CUT = '…';

/** Where the last white space before `end` begins; 0 when there is none. */
function lastSpaceBefore(text: string, end: number): number {
  for (let at = end - 1; at > 0; at -= 1) if (/\s/.test(text[at] ?? '')) return at;
  return 0;
}
