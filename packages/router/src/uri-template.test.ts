import { describe, expect, it } from 'vitest';
import { matchesTemplate, mayOverlap, parseTemplate } from './uri-template.ts';

describe('matchesTemplate', () => {
  it.each([
    ['file:///{path}', 'file:///a', true],
    ['file:///{path}', 'file:///a/b/c', true],
    ['file:///{path}', 'file:///', true],
    ['file:///{path}', 'file://', false],
    ['file:///{path}', 'http:///a', false],
    ['file:///{path}', 'FILE:///a', false],
    ['{x}', '', true],
    ['{x}', 'anything', true],
    ['db://{table}/row/{id}', 'db://users/row/7', true],
    ['db://{table}/row/{id}', 'db://users/col/7', false],
    ['db://{table}/row/{id}', 'db:///row/', true],
    ['db://{table}/row/{id}.json', 'db://users/row/7.json', true],
    ['db://{table}/row/{id}.json', 'db://users/row/7.jsonx', false],
    ['db://{table}/row/{id}.json', 'db://users/row.json', false],
    ['a{x}b{y}b', 'abb', true],
    ['a{x}b{y}b', 'ab', false],
    ['a{x}a', 'a', false],
    ['a{x}a', 'aa', true],
    ['ab{x}ba', 'aba', false],
    ['{a}{b}', 'x', true],
    ['x{a}{b}{c}y', 'xy', true],
    ['{+path}/{?q,p*}', 'a/b/?q=1', true],
    ['{a}abab{b}c', 'ababab', false],
    ['{a}abac{b}', 'xababac', true],
    ['{a}aab{b}aab{c}', 'aaabaaab', true],
    ['{a}aab{b}aab{c}', 'aaabab', false],
    ['no-variables', 'no-variables', true],
    ['no-variables', 'no-variables/', false],
    ['', '', true],
    ['', 'x', false],
    ['open{', 'open{', true],
    ['open{', 'openx', false],
    ['a{b{c}d', 'a{bXd', true],
    ['x.y{a}', 'x-y1', false],
  ])('%j and %j: %s', (template, uri, expected) => {
    expect(matchesTemplate(parseTemplate(template), uri)).toBe(expected);
  });

  it('agrees with a regular expression on short texts', () => {
    const letters = ['a', 'b', '{v}'];
    const words = (count: number, from: readonly string[]): string[] =>
      count === 0 ? [''] : words(count - 1, from).flatMap((word) => from.map((letter) => word + letter));
    for (const template of words(5, letters)) {
      const pattern = new RegExp(`^${template.replaceAll('{v}', '.*')}$`);
      for (const uri of [...words(4, ['a', 'b']), ...words(6, ['a', 'b'])]) {
        expect(matchesTemplate(parseTemplate(template), uri)).toBe(pattern.test(uri));
      }
    }
  });

  const million = 1_000_000;

  it.each([
    ['a long literal of one letter', `x{a}${'a'.repeat(20)}b${'a'.repeat(20_000)}{b}`, `x${'a'.repeat(million)}`],
    ['two letters far apart', `x{a}${'a'.repeat(10_000)}b${'a'.repeat(10_000)}{b}`, `x${'a'.repeat(million)}`],
    ['many short literals', `x${'{a}a'.repeat(20_000)}{b}c{d}`, `x${'a'.repeat(million)}`],
    ['many variables', `x${'{a}'.repeat(20_000)}c`, `x${'a'.repeat(million)}`],
    ['many open braces', `${'{'.repeat(million)}x`, 'x'],
    ['many braces of both kinds', `${'{}'.repeat(100_000)}x`, `${'{}'.repeat(100_000)}`],
  ])('answers in well under a second for %s', (_, template, uri) => {
    const times = [1, 2, 3].map(() => {
      const begun = process.threadCpuUsage();
      matchesTemplate(parseTemplate(template), uri);
      const { user, system } = process.threadCpuUsage(begun);
      return (user + system) / 1_000;
    });
    expect(Math.min(...times)).toBeLessThan(400);
  });
});

describe('mayOverlap', () => {
  it.each([
    ['file:///{path}', 'file:///{other}', true],
    ['file:///{path}', 'file:///docs/{path}', true],
    ['file:///{path}', 'db://{table}', false],
    ['file:///{path}.md', 'file:///{path}.txt', false],
    ['file:///{path}.md', 'file:///{path}', true],
    ['file:///a', 'file:///{path}', true],
    ['file:///a', 'file:///b', false],
    ['{x}', 'anything', true],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(mayOverlap(parseTemplate(one), parseTemplate(other))).toBe(expected);
    expect(mayOverlap(parseTemplate(other), parseTemplate(one))).toBe(expected);
  });

  it('says yes whenever one URI comes from both', () => {
    const letters = ['a', 'b', '{v}'];
    const words = (count: number, from: readonly string[]): string[] =>
      count === 0 ? [''] : words(count - 1, from).flatMap((word) => from.map((letter) => word + letter));
    const uris = [...words(3, ['a', 'b']), ...words(4, ['a', 'b'])];
    const templates = words(3, letters).map((text) => parseTemplate(text));
    const meeting = templates.flatMap((one) =>
      templates
        .filter((other) => uris.some((uri) => matchesTemplate(one, uri) && matchesTemplate(other, uri)))
        .map((other) => [one, other] as const),
    );
    expect(meeting.length).toBeGreaterThan(100);
    expect(meeting.filter(([one, other]) => !mayOverlap(one, other))).toEqual([]);
  });
});
