import { describe, expect, it } from 'vitest';
import { TemplateIndex } from './template-index.ts';
import { matchesTemplate, mayOverlap, parseTemplate } from './uri-template.ts';

const always = (): boolean => true;

/** Each template belongs to its place in the list. */
function indexOf(templates: readonly string[]): TemplateIndex<number> {
  const index = new TemplateIndex<number>((place) => place);
  for (const [owner, text] of templates.entries()) index.addAll([{ owner, template: parseTemplate(text) }]);
  return index;
}

const words = (count: number, from: readonly string[]): string[] =>
  count === 0 ? [''] : words(count - 1, from).flatMap((word) => from.map((letter) => word + letter));

describe('TemplateIndex', () => {
  const templates = words(4, ['a', 'b', '{v}']).filter((_, index) => index % 3 !== 0);

  it('finds the first owner that a comparison with each would find', () => {
    const parsed = templates.map((text) => parseTemplate(text));
    const index = indexOf(templates);
    for (const uri of [...words(3, ['a', 'b']), ...words(5, ['a', 'b']), '', 'c']) {
      for (const isAllowed of [always, (owner: number) => owner % 2 === 1]) {
        const expected = parsed.findIndex((template, owner) => isAllowed(owner) && matchesTemplate(template, uri));
        expect(index.ownerOf(uri, isAllowed)).toBe(expected === -1 ? undefined : expected);
      }
    }
  });

  it('knows a rival of every template that overlaps with one, and of no other', () => {
    for (const text of templates) {
      const others = templates.filter((other) => other !== text && other.length !== text.length).slice(0, 30);
      const template = parseTemplate(text);
      const expected = others.some((other) => mayOverlap(parseTemplate(other), template));
      expect(indexOf(others).rivalOf(template) !== undefined).toBe(expected);
    }
  });

  it('takes a URI to fit one of very many that begin and end alike', () => {
    const many = Array.from({ length: 65 }, (_, index) => `x{a}/${index}/{b}z`);
    expect(indexOf(many.slice(1)).ownerOf('x-z', always)).toBeUndefined();
    expect(indexOf(many).ownerOf('x-z', always)).toBe(0);
    expect(indexOf(many).ownerOf('x-y', always)).toBeUndefined();
  });

  it.each([
    ['one beginning', (place: number) => `x{a}/${place}/{b}`, (place: number) => `x${place}`],
    ['one end', (place: number) => `x{a}${place}`, (place: number) => `x${place}y`],
    ['nothing in common', (place: number) => `x${place}/{a}`, (place: number) => `x${place}/`],
    ['ever longer beginnings', (place: number) => `${'x'.repeat(place % 500)}{a}`, (place: number) => `x${place}`],
  ])(
    'is not kept busy by 10,000 templates with %s and as many URIs',
    (_, toTemplate, toUri) => {
      const places = Array.from({ length: 10_000 }, (_unused, place) => place);
      // Of this thread alone: what a neighbour takes from it is not counted.
      const begun = process.threadCpuUsage();
      const index = new TemplateIndex<number>((place) => place);
      index.addAll(places.map((owner) => ({ owner, template: parseTemplate(toTemplate(owner)) })));
      for (const place of places) {
        index.ownerOf(toUri(place), always);
        index.rivalOf(parseTemplate(toTemplate(place)));
      }
      const { user, system } = process.threadCpuUsage(begun);
      expect((user + system) / 1_000).toBeLessThan(3_000);
    },
    60_000,
  );
});
