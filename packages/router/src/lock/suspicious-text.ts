/** What happens to definitions with hidden characters. */
export type SuspiciousPolicy = 'flag' | 'strip' | 'hide';

/** ECMA-48: CSI sequences, strings (OSC, DCS, SOS, PM, APC) up to their terminator, and two-character escapes. */
const ESCAPES =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]|(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)?|\\u001b[ -/]*[0-~]';

/** C0 and C1 but for tab and line breaks; what reorders text; what has no width; what looks like nothing. */
const HIDDEN =
  '[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f' +
  '\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}]';

/** One variation selector chooses a form, such as of an emoji; further ones can only carry a message. */
const SELECTORS = '(?<=[\\ufe00-\\ufe0f])[\\ufe00-\\ufe0f]+';

/** A joiner means something behind a part of an emoji, and in scripts whose letters join. */
const JOINERS =
  '(?<![\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f\\p{M}\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}])[\\u200c\\u200d]';

const SUSPICIOUS = new RegExp([ESCAPES, HIDDEN, SELECTORS, JOINERS].join('|'), 'gu');

/** Bytes that stand in nothing suspicious: ASCII without escapes that could spell anything else. */
const UNREMARKABLE = /^[\t\n\r\x20-\x5b\x5d-\x7e]*$/;

/** Whether text of this many bytes may hold anything suspicious: cheap, and true too often rather than too seldom. */
export function maySuspect(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (UNREMARKABLE.test(text)) return false;
  // Line breaks and quotes are escaped in most descriptions.
  return !UNREMARKABLE.test(text.replaceAll(/\\[\\"/nrt]/g, ''));
}

/** The code points that a person would not see, such as `U+202E`: each once, at most 8. */
export function suspiciousIn(text: string): readonly string[] {
  const found = new Set<string>();
  for (const [match] of text.matchAll(SUSPICIOUS)) {
    found.add(`U+${(match.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`);
    if (found.size === MOST_NAMED) break;
  }
  return [...found];
}

const MOST_NAMED = 8;

/** The text that a person would see. */
export function withoutSuspicious(text: string): string {
  return text.replaceAll(SUSPICIOUS, '');
}
