import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createRedactor } from './redactor.ts';

const TOKEN = 'ghp_4k2Jx9QpLm7Z';

const redactorOf = (...values: readonly string[]) => {
  const redactor = createRedactor();
  for (const value of values) redactor.add(value);
  return redactor;
};

describe('a redactor', () => {
  it('masks every occurrence', () => {
    expect(redactorOf(TOKEN).redact(`a ${TOKEN}${TOKEN} b ${TOKEN}`)).toBe('a [secret][secret] b [secret]');
  });

  it('returns the same text and the same bytes when there is nothing to mask', () => {
    const bytes = Buffer.from(`x${TOKEN.slice(1)}`);
    expect(redactorOf(TOKEN).redactBytes(bytes)).toBe(bytes);
    expect(redactorOf(TOKEN).redact(`x${TOKEN.slice(1)}`)).toBe(`x${TOKEN.slice(1)}`);
    expect(createRedactor().redact(TOKEN)).toBe(TOKEN);
    expect(redactorOf(TOKEN).redact('')).toBe('');
  });

  it('names the shortest value there is where the text is nothing else', () => {
    const redactor = createRedactor();
    redactor.add('12345678', 'pin');
    expect(redactor.namesIn('12345678')).toEqual(new Set(['pin']));
    expect(redactor.namesIn(Buffer.from('12345678'))).toEqual(new Set(['pin']));
    expect(redactor.namesIn('1234567')).toBeUndefined();
  });

  it('masks values that overlap as one, to the end of the last', () => {
    const redactor = redactorOf('abcdefgh12345678', '12345678zzzzyyyy');
    expect(redactor.redact('<abcdefgh12345678zzzzyyyy>')).toBe('<[secret]>');
  });

  it('masks the longest of values that begin alike', () => {
    expect(redactorOf('abcdefgh', 'abcdefgh-and-more').redact('abcdefgh-and-more abcdefgh-and')).toBe(
      '[secret] [secret]-and',
    );
  });

  it('does not mask values of fewer than 8 characters, and says so', () => {
    const redactor = createRedactor();
    expect([redactor.add('1234567'), redactor.add('12345678')]).toEqual([false, true]);
    expect(redactor.redact('1234567 12345678')).toBe('1234567 [secret]');
    expect([redactor.has('1234567'), redactor.has('12345678'), redactor.has('123456789')]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('masks lines of 16 characters or more of a value with several lines, but not the frame of a PEM block', () => {
    const frame = '-----BEGIN PRIVATE KEY-----';
    const redactor = redactorOf(
      `${frame}\nMIIEvQIBADANBgkq\r\n  qhkiG9w0BAQEFAASC\nshort-line-here\n-----END PRIVATE KEY-----\n`,
    );
    expect(redactor.redact(`${frame}|MIIEvQIBADANBgkq|qhkiG9w0BAQEFAASC|short-line-here`)).toBe(
      `${frame}|[secret]|[secret]|short-line-here`,
    );
  });

  it('masks the value without the white space around it', () => {
    expect(redactorOf('hunter2-x\n').redact('[hunter2-x]')).toBe('[[secret]]');
  });

  it('masks texts of 8 characters or more inside a JSON value, in every encoding', () => {
    const redactor = redactorOf(
      JSON.stringify({ user: 'bob', list: [{ password: 'correct-horse' }], key: 'line one is long enough\nline two' }),
    );
    const encoded = Buffer.from('correct-horse').toString('base64');
    expect(redactor.redact(`bob correct-horse ${encoded} password line one is long enough.`)).toBe(
      'bob [secret] [secret] password [secret].',
    );
  });

  it('is not exhausted by a deeply nested JSON value', () => {
    const deep = `${'['.repeat(5_000)}"buried-text"${']'.repeat(5_000)}`;
    expect(redactorOf(deep).redact(deep)).toBe('[secret]');
  });

  it('keeps bytes around a match that are not UTF-8', () => {
    const redactor = redactorOf('pässwörd-ü');
    const bytes = Buffer.concat([Buffer.from([0xff, 0xc3]), Buffer.from('pässwörd-ü'), Buffer.from([0x80])]);
    const expected = Buffer.concat([Buffer.from([0xff, 0xc3]), Buffer.from('[secret]'), Buffer.from([0x80])]);
    expect(Buffer.from(redactor.redactBytes(bytes))).toEqual(expected);
  });

  it('masks in a view into a larger buffer, and only there', () => {
    const whole = new TextEncoder().encode(`${TOKEN}${TOKEN}`);
    expect(Buffer.from(redactorOf(TOKEN).redactBytes(whole.subarray(TOKEN.length))).toString()).toBe('[secret]');
  });

  it('does not show its values when it is inspected', () => {
    expect(inspect(redactorOf(TOKEN), { showHidden: true, depth: 9, customInspect: false })).not.toContain('ghp_');
  });
});

describe('a full redactor', () => {
  it('forgets the value that was added longest ago', () => {
    const redactor = createRedactor({ values: 2 });
    for (const value of ['first-value', 'second-value', 'first-value', 'third-value']) redactor.add(value);
    expect(redactor.redact('first-value second-value third-value')).toBe('[secret] second-value [secret]');
    expect(redactor.has('second-value')).toBe(false);
  });

  it('keeps a form that another value still has', () => {
    const redactor = createRedactor({ values: 2 });
    for (const value of ['shared-text\n', 'shared-text', 'third-value']) redactor.add(value);
    expect(redactor.redact('shared-text')).toBe('[secret]');
    redactor.add('fourth-value');
    expect(redactor.redact('shared-text')).toBe('shared-text');
  });

  it('bounds the characters it keeps, but always keeps the newest value', () => {
    const redactor = createRedactor({ characters: 1_000 });
    redactor.add('first-value');
    redactor.add('x'.repeat(2_000));
    expect(redactor.redact(`first-value ${'x'.repeat(2_000)}`)).toBe('first-value [secret]');
  });

  it('holds nothing back for values it has forgotten', () => {
    const redactor = createRedactor({ values: 1 });
    redactor.add('first-value');
    redactor.add('other-thing');
    expect(redactor.stream().push('say first-')).toBe('say first-');
  });
});

describe('random values in random text', () => {
  const random = generator(20_260_728);
  const pick = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');

  it('are masked exactly where they are', () => {
    for (let round = 0; round < 300; round += 1) {
      // Two letters make values and text that nearly match everywhere.
      const alphabet = round % 3 === 0 ? 'ab' : 'abcdefghijklmnopqrstuvwxyzABCDEF0123456789+/=-_."\\ é';
      const values = Array.from({ length: 1 + Math.floor(random() * 6) }, () =>
        pick(alphabet, 8 + Math.floor(random() * 20)),
      );
      const usable = values.filter((value) => value.trim() === value);
      const redactor = redactorOf(...usable);
      const text = Array.from({ length: 12 }, () =>
        random() < 0.4
          ? (usable[Math.floor(random() * usable.length)] ?? '')
          : pick(alphabet, Math.floor(random() * 12)),
      ).join('');
      expect(redactor.redact(text)).toBe(slowly(text, usable));
    }
  });

  it('leave text alone in which they are not', () => {
    const redactor = redactorOf(...Array.from({ length: 50 }, () => pick('abcdefghijklmnop0123456789', 24)));
    for (let round = 0; round < 50; round += 1) {
      const text = pick('abcdefghijklmnop0123456789 \n{}":,', 5_000);
      expect(redactor.redact(text)).toBe(text);
    }
  });
});

/** Marks the characters of every occurrence of every raw or JSON-escaped value, and replaces runs of one match or more. */
function slowly(text: string, values: readonly string[]): string {
  const forms = values.flatMap((value) => {
    const once = JSON.stringify(value).slice(1, -1);
    return [value, once, JSON.stringify(once).slice(1, -1)];
  });
  let result = '';
  let maskedTo = 0;
  for (let start = 0; start < text.length; start += 1) {
    const length = Math.max(0, ...forms.filter((form) => text.startsWith(form, start)).map((form) => form.length));
    if (length > 0 && start >= maskedTo) result += '[secret]';
    maskedTo = Math.max(maskedTo, start + length);
    if (start >= maskedTo) result += text[start] ?? '';
  }
  return result;
}

/** Park and Miller's minimal standard generator: the same numbers on every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
