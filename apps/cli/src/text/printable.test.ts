import { describe, expect, it } from 'vitest';
import { commandLine } from './command-line.ts';
import { printable, printableLine, spelledOut } from './printable.ts';

describe('printable', () => {
  it.each([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['cursor movements', 'a\u001b[2Jb\u001b[10;10Hc', 'abc'],
    ['a title, ended by BEL', '\u001b]0;owned\u0007x', 'x'],
    ['a link, ended by ST', '\u001b]8;;https://evil.example\u001b\\x\u001b]8;;\u001b\\', 'x'],
    ['a device control string', '\u001bP+q544e\u001b\\x', 'x'],
    ['eight-bit sequences', '\u009b31mx\u009d0;t\u009c', 'x'],
    ['an unfinished sequence', 'x\u001b[', 'x'],
    ['carriage returns and backspaces', 'good\rbad\b\b\b', 'goodbad'],
    ['bidirectional overrides', 'abc\u202edcba\u202c', 'abcdcba'],
    ['zero-width characters', 'a\u200bb\ufeffc', 'abc'],
  ])('removes %s', (_what, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('keeps lines, tabs and every writing system', () => {
    const text = 'one\n\ttwo – 日本語 العربية 👩‍🔬';
    expect(printable(text)).toBe(text);
  });

  it('makes one line of many', () => {
    expect(printableLine(' a\r\n\tb\u2028c ')).toBe('a b c');
  });
});

describe('spelledOut', () => {
  it('shows what a terminal would not', () => {
    expect(spelledOut('a\u001b[8m\u202eb\u00a0')).toBe('a\\u001b[8m\\u202eb\\u00a0');
  });
});

describe('commandLine', () => {
  it('quotes what a shell would take apart', () => {
    expect(commandLine('node', ['a b', '$HOME', "it's", '', '--x=1'])).toBe(`node 'a b' '$HOME' 'it'\\''s' '' --x=1`);
  });

  it('spells what is invisible, and stays unambiguous', () => {
    expect(commandLine('sh', ['a\nb', '\\u000a'])).toBe(`sh $'a\\u000ab' '\\u000a'`);
    expect(commandLine('x', ["\u0007\\'"])).toBe(String.raw`x $'\u0007\\\''`);
  });
});
