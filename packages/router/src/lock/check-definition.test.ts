import type { JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { appearance, posesAsAscii } from './alike.ts';
import { checkDefinition } from './check-definition.ts';
import { suspiciousIn, withoutSuspicious } from './suspicious-text.ts';

describe('withoutSuspicious', () => {
  it.each([
    ['plain text,\n\ttwo lines', 'plain text,\n\ttwo lines'],
    ['größer, 日本語, العربية, हिन्दी', 'größer, 日本語, العربية, हिन्दी'],
    ['👩‍💻 ❤️ 👍🏽 🏳️‍🌈', '👩‍💻 ❤️ 👍🏽 🏳️‍🌈'],
    ['क्‍ष می‌خواهم', 'क्‍ष می‌خواهم'],
    ['a\u001b[31mred\u001b[0m', 'ared'],
    ['\u001b]8;;https://evil\u0007link\u001b]8;;\u0007', 'link'],
    ['x\u0000\u0008\u009by', 'x'],
    ['safe\u202eevil', 'safeevil'],
    ['a\u200bb\u2060c\ufeffd\u00ade', 'abcde'],
    ['ignore\u{e0049}\u{e0067}\u{e006e}', 'ignore'],
    ['a\u{e0100}\u{e0101}b', 'ab'],
    ['❤\ufe0f\ufe0f\ufe00\ufe01', '❤\ufe0f'],
    ['a\u200cb\u200d\u200dc', 'abc'],
    ['👩‍‍‍x', '👩‍x'],
    ['\u3164\u115f', ''],
  ])('makes %o %o', (text, plain) => {
    expect(withoutSuspicious(text)).toBe(plain);
    expect(suspiciousIn(text).length > 0).toBe(text !== plain);
  });

  it('names what it finds', () => {
    expect(suspiciousIn('a\u202eb\u{e0041}\u202e')).toEqual(['U+202E', 'U+E0041']);
  });

  it('is quick with long text', () => {
    const begun = process.threadCpuUsage();
    withoutSuspicious('\u001b'.repeat(200_000));
    withoutSuspicious('\u001b]'.repeat(50_000));
    const { user, system } = process.threadCpuUsage(begun);
    expect((user + system) / 1_000).toBeLessThan(2_000);
  });
});

describe('appearance', () => {
  it.each([
    ['gіthub', 'github'],
    ['ｅcho', 'echo'],
    ['GitHub', 'github'],
    ['сору', 'copy'],
  ])('takes %s for %s', (name, other) => {
    expect(appearance(name)).toBe(appearance(other));
  });

  it('tells names of other scripts from names of ASCII', () => {
    expect(['gіthub', 'ｅcho'].map(posesAsAscii)).toEqual([true, true]);
    expect(['github', 'поиск', '検索', 'größe'].map(posesAsAscii)).toEqual([false, false, false, false]);
  });
});

describe('checkDefinition', () => {
  const TOOL = { name: 'find', description: 'Finds.', inputSchema: { type: 'object' } };
  const check = (change: JsonObject, policy: 'flag' | 'strip' | 'hide' = 'strip') => {
    const value = { ...TOOL, ...change };
    const bytes = Buffer.from(JSON.stringify(value));
    const checked = checkDefinition({ key: String(value.name), bytes }, 'tool', policy);
    const served = checked.bytes && (JSON.parse(Buffer.from(checked.bytes).toString()) as typeof TOOL);
    return { fault: checked.fault, served, isSame: checked.bytes === bytes };
  };

  it('leaves alone what holds nothing suspicious, in whatever script', () => {
    expect(check({})).toMatchObject({ isSame: true, fault: undefined });
    expect(check({ description: 'Sucht „alles“ – 日本語 "quoted"\nline 👩‍💻' })).toMatchObject({ isSame: true });
  });

  it('takes hidden characters out of texts for readers, escaped ones too, also deep in a schema', () => {
    const inputSchema = { properties: { q: { type: 'string', description: 'all\u202e', enum: ['a'] } } };
    const { served, fault } = check({ description: 'Fi\u{e0041}nds.', inputSchema });
    expect(served).toMatchObject({
      description: 'Finds.',
      inputSchema: { properties: { q: { type: 'string', description: 'all', enum: ['a'] } } },
    });
    expect(fault).toContain('U+E0041, U+202E');
    const bytes = Buffer.from('{"name":"find","description":"a\\u202eb"}');
    expect(String(checkDefinition({ key: 'find', bytes }, 'tool', 'strip').bytes)).toContain('"ab"');
  });

  it('does not offer what would mean something else without them', () => {
    expect(check({ inputSchema: { properties: { 'q\u200b': {} } } }).served).toBeUndefined();
    expect(check({ inputSchema: { properties: { q: { enum: ['a\u200b'] } } } }).served).toBeUndefined();
    expect(check({ name: 'fi\u200bnd' }).served).toBeUndefined();
  });

  it('flags only, or hides, where that is wanted', () => {
    const change = { description: 'a\u202eb' };
    expect(check(change, 'flag')).toMatchObject({ isSame: true, fault: expect.stringContaining('U+202E') as string });
    expect(check(change, 'hide').served).toBeUndefined();
    expect([check({ name: 'gіthub' }, 'flag').isSame, check({ name: 'gіthub' }).served]).toEqual([true, undefined]);
  });

  it('does not offer names and descriptions that are far too long, whatever is configured', () => {
    expect(check({ name: 'x'.repeat(128) }).isSame).toBe(true);
    expect(check({ name: 'x'.repeat(129) }, 'flag').served).toBeUndefined();
    expect(check({ description: 'x'.repeat(16_384) }).isSame).toBe(true);
    expect(check({ description: 'x'.repeat(16_385) }, 'flag').served).toBeUndefined();
  });
});
