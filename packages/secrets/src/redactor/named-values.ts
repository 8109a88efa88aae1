import { MASK } from './mask.ts';
import { kindOfName } from './secret-names.ts';
import type { NameKind } from './secret-names.ts';

/** What every name of a secret has in it: only around these is looked closer. */
const HINT = /pass|pwd|secret|token|authorization|cookie|credential|key/gi;
const MAX_NAME = 128;
const NAME_CHARACTER = /[\w.-]/;
const REST_OF_NAME = /[\w.-]*/y;
/**
 * What comes between a name and its value. The name may stand in quotes; in JSON that stands in a text, each has
 * backslashes before it.
 */
const ASSIGNMENT = /(?:\\{0,8}["'])?\]?[ \t]{0,8}(?:=>|[:=])[ \t]{0,8}/y;
/** After a flag it may be a space, or a comma in a list of arguments. */
const FLAG_GAP = /(?:\\{0,8}["'][ \t]{0,8},|=|(?=[ \t]))[ \t]{0,8}/y;
const OPENING_QUOTE = /\\{0,8}["']/y;
const BARE_VALUE = /[^\s"'\\,;&(){}[\]<>|]+/y;
const REST_OF_LINE = /[^\r\n"'\\]+/y;
const LIST_GAP = /\s{0,64},?\s{0,64}/y;
/** A reference says where a secret is. Addresses of the web may hold one themselves, as may those with a password. */
const REFERENCE = /^(?!https?:|wss?:)[a-z][a-z0-9+.-]*:\/\/(?![^\s/:]*:[^\s/]*@)\S+$/;
const MAX_REFERENCE = 2_048;
/** What programs say about a secret instead of it. */
const HARMLESS_VALUE =
  /^(?:-?\d+(?:\.\d+)?|true|false|null|nil|none|undefined|missing|invalid|expired|required|empty|unset|set|yes|no)[.!?]?$/i;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Masks the values of names such as `password` in JSON, `name=value`, `name: value` and `--name value`. */
export function maskNamedValues(text: string): string {
  const pieces: string[] = [];
  let writtenTo = 0;
  const hints = new RegExp(HINT);
  for (let hint = hints.exec(text); hint !== null; hint = hints.exec(text)) {
    const nameEnd = matchAt(REST_OF_NAME, text, hint.index)?.end ?? hints.lastIndex;
    hints.lastIndex = nameEnd;
    for (const { start, end } of valuesOf(text, { start: nameStart(text, hint.index, writtenTo), end: nameEnd })) {
      pieces.push(text.slice(writtenTo, start), MASK);
      writtenTo = end;
      hints.lastIndex = Math.max(nameEnd, end);
    }
  }
  if (writtenTo === 0) return text;
  pieces.push(text.slice(writtenTo));
  return pieces.join('');
}

function nameStart(text: string, from: number, least: number): number {
  let start = from;
  while (start > Math.max(least, from - MAX_NAME) && NAME_CHARACTER.test(text[start - 1] as string)) start -= 1;
  return start;
}

function valuesOf(text: string, { start, end }: Span): readonly Span[] {
  if (end - start > MAX_NAME) return [];
  const name = text.slice(start, end);
  const kind = kindOfName(name);
  if (kind === 'harmless') return [];
  const assigned = matchAt(ASSIGNMENT, text, end);
  if (assigned !== undefined) return valuesAt(text, assigned.end, kind, false);
  const gap = name.startsWith('--') ? matchAt(FLAG_GAP, text, end) : undefined;
  return gap === undefined ? [] : valuesAt(text, gap.end, kind, true);
}

function valuesAt(text: string, at: number, kind: NameKind, isFlag: boolean): readonly Span[] {
  if (text[at] === '[') return text.startsWith(MASK, at) ? [] : listAt(text, at + 1);
  const quoted = quotedAt(text, at);
  if (quoted !== undefined) return isSecretText(text, quoted, true) ? [quoted] : [];
  if (isFlag && text[at] === '-') return [];
  const bare = matchAt(kind === 'header' && !isFlag ? REST_OF_LINE : BARE_VALUE, text, at);
  return bare !== undefined && isSecretText(text, bare, false) ? [bare] : [];
}

/** The texts of a list, as of a header that was sent more than once. */
function listAt(text: string, from: number): readonly Span[] {
  const spans: Span[] = [];
  for (let at = gapEnd(text, from); ;) {
    const quoted = quotedAt(text, at);
    if (quoted === undefined) return spans;
    if (isSecretText(text, quoted, true)) spans.push(quoted);
    const closing = matchAt(OPENING_QUOTE, text, quoted.end);
    if (closing === undefined) return spans;
    at = gapEnd(text, closing.end);
  }
}

/** What stands between quotes; up to the end of the text when they are not closed. */
function quotedAt(text: string, at: number): Span | undefined {
  const opening = matchAt(OPENING_QUOTE, text, at);
  if (opening === undefined) return undefined;
  const start = opening.end;
  const depth = start - opening.start - 1;
  const quote = text[start - 1] as string;
  for (let end = text.indexOf(quote, start); end >= 0; end = text.indexOf(quote, end + 1)) {
    const slashes = backslashesBefore(text, end, start);
    if (slashes <= depth || (depth === 0 && slashes % 2 === 0)) return { start, end: end - Math.min(slashes, depth) };
  }
  return { start, end: text.length };
}

function backslashesBefore(text: string, end: number, start: number): number {
  let count = 0;
  while (end - count - 1 >= start && text[end - count - 1] === '\\') count += 1;
  return count;
}

function isSecretText(text: string, { start, end }: Span, isQuoted: boolean): boolean {
  const value = text.slice(start, end).trim();
  if (value === '' || value === MASK || isReference(value)) return false;
  return isQuoted ? !/^(?:null|none|undefined)$/i.test(value) : !HARMLESS_VALUE.test(value);
}

/** What stands in a reference is looked at again, so without a bound a text of nothing else would take its time squared. */
function isReference(value: string): boolean {
  return value.length <= MAX_REFERENCE && REFERENCE.test(value);
}

function gapEnd(text: string, at: number): number {
  return matchAt(LIST_GAP, text, at)?.end ?? at;
}

/** Where a sticky pattern matches. Its place is set each time, so that nothing is left from one use to the next. */
function matchAt(pattern: RegExp, text: string, at: number): Span | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? { start: at, end: pattern.lastIndex } : undefined;
}
