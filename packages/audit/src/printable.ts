/**
 * What has an effect on whoever shows a text, and is no text: controls (C1 and DEL; JSON itself escapes C0), line and
 * paragraph separators, and what has no width or changes the direction. Source: Unicode 16, general categories Cc, Zl, Zp, Cf.
 */
const ODD = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const DELETE = '\u007f';
const EVERY_ODD = new RegExp(ODD, 'g');

/** Whether there is nothing of that in a text. */
export function isPrintable(text: string): boolean {
  // Of one byte each there is one of them; both are looked for ten times as fast as by an expression.
  return Buffer.byteLength(text) === text.length ? !text.includes(DELETE) : !ODD.test(text);
}

/** JSON of the same value, in which these are escaped. */
export function printableJson(json: string): string {
  if (isPrintable(json)) return json;
  return json.replace(EVERY_ODD, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
