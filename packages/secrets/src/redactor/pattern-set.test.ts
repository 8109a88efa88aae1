import { describe, expect, it } from 'vitest';
import { PatternSet } from './pattern-set.ts';

/** Comparisons for each character of the text. */
function workOf(patterns: readonly string[], text: string): number {
  const set = new PatternSet();
  for (const pattern of patterns) set.add(pattern);
  const work = { left: set.workFor(text) };
  let matches = 0;
  let match = set.next(text, 0, work);
  while (match !== undefined) {
    matches += 1;
    match = set.next(text, match.start + 1, work);
  }
  expect(matches).toBeLessThanOrEqual(text.length);
  return (set.workFor(text) - work.left) / text.length;
}

describe('the work of a search', () => {
  it('is one comparison for a character of repeated beginnings of a pattern', () => {
    const pattern = `${'0123456789abcdef'.repeat(2)}-and-its-end-that-never-comes`;
    expect(workOf([pattern], pattern.slice(0, -1).repeat(1_000))).toBeLessThan(3);
  });

  it('does not grow with the number of patterns that begin alike', () => {
    const begin = 'https://hooks.example.com/services/';
    const patterns = Array.from({ length: 2_000 }, (_, index) => `${begin}${index * 7_919}`);
    expect(workOf(patterns, begin.repeat(2_000))).toBeLessThan(3);
  });

  it('is bounded for a pattern and a text that repeat themselves; the rest then counts as a match', () => {
    const pattern = `${'a'.repeat(50_000)}b`;
    const text = 'a'.repeat(200_000);
    expect(workOf([pattern], text)).toBeLessThan(66);
    const set = new PatternSet();
    set.add(pattern);
    const match = set.next(text, 0, { left: set.workFor(text) });
    expect(match?.end).toBe(text.length);
    expect(match?.pattern).toBeUndefined();
    expect(set.firstOpen(text)).toBeLessThanOrEqual(text.length);
  });
});

describe('a pattern set', () => {
  it('finds the same whatever was added and deleted before', () => {
    const random = generator(4);
    const word = (): string =>
      `same-beginning-${Array.from({ length: 1 + random() * 6 }, () => 'ab'[Math.floor(random() * 2)]).join('')}`;
    for (let round = 0; round < 200; round += 1) {
      const set = new PatternSet();
      const present = new Set<string>();
      for (let step = 0; step < 40; step += 1) {
        const pattern = word();
        if (present.delete(pattern)) set.delete(pattern);
        else {
          present.add(pattern);
          set.add(pattern);
        }
      }
      const text = word() + word();
      const longest = [...present]
        .filter((pattern) => text.startsWith(pattern))
        .toSorted((a, b) => b.length - a.length)[0];
      const match = set.next(text, 0, { left: set.workFor(text) });
      expect(match?.start === 0 ? match.pattern : undefined).toBe(longest);
      const inBytes = set.next(Buffer.from(text), 0, { left: set.workFor(text) });
      expect(inBytes).toEqual(match);
    }
  });

  it('finds all that a plain search finds, however long the patterns are that were added and deleted before', () => {
    const random = generator(9);
    const letters = (length: number): string => Array.from({ length }, () => 'abc'[Math.floor(random() * 3)]).join('');
    for (let round = 0; round < 300; round += 1) {
      const set = new PatternSet();
      const present = new Set<string>();
      const shortest = 8 + Math.floor(random() * 40);
      for (let step = 0; step < 12; step += 1) {
        const pattern = letters(shortest + Math.floor(random() ** 2 * 40));
        present.add(pattern);
        set.add(pattern);
        const [first] = present;
        if (first !== undefined && random() < 0.3 && present.delete(first)) set.delete(first);
      }
      const text = [...present].flatMap((pattern) => [letters(30), pattern, pattern.slice(0, -1)]).join('');
      const expected = plainSearch(present, text);
      expect(placesOf(set, text)).toEqual(expected);
      expect(placesOf(set, Buffer.from(text))).toEqual(expected);
    }
  });

  it('is empty again when everything was deleted', () => {
    const set = new PatternSet();
    const patterns = ['same-beginning', 'same-beginning-1', 'same-beginning-22', 'same-begin-another'];
    for (const pattern of patterns) set.add(pattern);
    for (const pattern of patterns) set.delete(pattern);
    const text = patterns.join(' ');
    expect(set.next(text, 0, { left: set.workFor(text) })).toBeUndefined();
    expect(set.firstOpen('same-begin')).toBe('same-begin'.length);
  });
});

/** Where patterns begin, each with the longest that begins there. */
function plainSearch(patterns: ReadonlySet<string>, text: string): [number, string][] {
  return Array.from(text, (_, start): [number, string] => {
    const here = [...patterns].filter((pattern) => text.startsWith(pattern, start));
    return [start, here.toSorted((a, b) => b.length - a.length)[0] ?? ''];
  }).filter(([, pattern]) => pattern !== '');
}

function placesOf(set: PatternSet, text: string | Uint8Array): [number, string | undefined][] {
  const places: [number, string | undefined][] = [];
  const work = { left: set.workFor(text) };
  let match = set.next(text, 0, work);
  while (match !== undefined) {
    places.push([match.start, match.pattern]);
    match = set.next(text, match.start + 1, work);
  }
  return places;
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
