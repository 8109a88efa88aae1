import { describe, expect, it } from 'vitest';
import { createRedactor } from './redactor.ts';

/** Characters that each encoding treats in its own way. */
const VALUE = 'pa<s>s/w&rd+"q\\ é😀\tz\'(~)==';
const redactor = createRedactor();
redactor.add(VALUE);

const base64At = (before: number, after: number): string =>
  Buffer.concat([Buffer.alloc(before, 'x'), Buffer.from(VALUE), Buffer.alloc(after, 'y')]).toString('base64');
const toUrl = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_');
const escapeAscii = (text: string): string =>
  text.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const unicode = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const escapeHtml = (json: string): string => json.replaceAll(/[<>&]/g, unicode);
const escapeSlashes = (json: string): string => json.replaceAll('/', '\\/');
/** As .NET writes it: its quotes are numbers, too, but for the two around the text. */
const escapeAttribute = (json: string): string =>
  `"${json
    .slice(1, -1)
    .replaceAll('\\"', '\\u0022')
    .replaceAll(/[<>&'+`\u007f-\uffff]/g, (unit) => unicode(unit).toUpperCase().replace('U', 'u'))}"`;
const escapeMarks = (text: string): string =>
  text.replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

describe('a value is masked', () => {
  it.each([
    ['as it is', VALUE],
    ['as JSON', JSON.stringify(VALUE)],
    ['as JSON in JSON', JSON.stringify(JSON.stringify({ key: VALUE }))],
    ['as ASCII-only JSON', escapeAscii(JSON.stringify(VALUE))],
    ['as ASCII-only JSON in JSON', JSON.stringify(escapeAscii(JSON.stringify(VALUE)))],
    ['as HTML-safe JSON', escapeHtml(JSON.stringify(VALUE))],
    ['as JSON with escaped slashes', escapeSlashes(JSON.stringify(VALUE))],
    ['as JSON with escaped slashes in JSON', JSON.stringify(escapeSlashes(JSON.stringify(VALUE)))],
    ['as JSON with escaped slashes in such JSON', escapeSlashes(JSON.stringify(escapeSlashes(JSON.stringify(VALUE))))],
    ['as ASCII-only JSON with escaped slashes', escapeSlashes(escapeAscii(JSON.stringify(VALUE)))],
    ['as HTML-safe JSON in JSON', JSON.stringify(escapeHtml(JSON.stringify(VALUE)))],
    ['as JSON that is safe in attributes', escapeAttribute(JSON.stringify(VALUE))],
    ['as JSON that is safe in attributes in JSON', JSON.stringify(escapeAttribute(JSON.stringify(VALUE)))],
    ['as a URL component', encodeURIComponent(VALUE)],
    ['as a path of a URL', escapeMarks(encodeURIComponent(VALUE)).replaceAll('%2F', '/')],
    ['as a URL component, lower case', encodeURIComponent(VALUE).replaceAll(/%../g, (escape) => escape.toLowerCase())],
    ['as part of a URL', encodeURI(VALUE)],
    ['as a form field', new URLSearchParams({ a: VALUE }).toString()],
    ['as hex', Buffer.from(VALUE).toString('hex')],
    ['as upper case hex', Buffer.from(VALUE).toString('hex').toUpperCase()],
    ['as UTF-8 read as Latin-1', Buffer.from(VALUE).toString('latin1')],
  ])('%s', (_, text) => {
    const redacted = redactor.redact(`before ${text} after`);
    expect(redacted).toMatch(/^before .{0,12}\[secret\].{0,12} after$/);
  });

  for (const before of [0, 1, 2, 3, 4, 5]) {
    for (const after of [0, 1, 2, 3]) {
      it(`as base64 with ${before} bytes before and ${after} after`, () => {
        const encoded = base64At(before, after);
        for (const text of [encoded, toUrl(encoded), encoded.replace(/=+$/, '')]) {
          const redacted = redactor.redact(text);
          expect(redacted).toContain('[secret]');
          // What remains can only be characters that hold bits of a neighbour, and the padding after one.
          const bits = { from: before * 8, to: (before + Buffer.byteLength(VALUE)) * 8 };
          const end = after === 0 ? text.length : Math.floor(bits.to / 6);
          const own = end - Math.ceil(bits.from / 6);
          expect(redacted.replace('[secret]', '').length).toBeLessThanOrEqual(text.length - own);
        }
      });
    }
  }

  it('with its padding when it is all there is', () => {
    expect(redactor.redact(`Basic ${base64At(0, 0)}.`)).toBe('Basic [secret].');
    expect(redactor.redact(`Basic ${base64At(5, 0)}.`)).toMatch(/^Basic .{7}\[secret\]\.$/);
  });
});
