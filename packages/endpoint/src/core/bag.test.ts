import { expect, it } from 'vitest';
import { Bag } from './bag.ts';
import type { Bagged } from './bag.ts';

const members = (count: number): Bagged[] => Array.from({ length: count }, () => ({}));

it('holds each member once, and lets go of any', () => {
  const bag = new Bag<Bagged>();
  const [first = {}, second = {}, third = {}] = members(3);
  for (const member of [first, second, third, second]) bag.add(member);
  expect(bag.size).toBe(3);
  bag.delete(first);
  bag.delete(first);
  expect([...bag]).toEqual([third, second]);
  bag.delete({});
  bag.delete({ place: 1 });
  expect(bag.size).toBe(2);
  bag.add(first);
  for (const member of [second, third, first]) bag.delete(member);
  expect([bag.size, ...bag]).toEqual([0]);
});

it('is gone through without what leaves meanwhile, and without what comes', () => {
  const bag = new Bag<Bagged & { readonly name: string }>();
  const all = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
  for (const member of all) bag.add(member);
  const seen: string[] = [];
  for (const member of bag) {
    seen.push(member.name);
    bag.delete(member);
    if (member.name === 'a') for (const other of all.slice(2)) bag.delete(other);
    bag.add({ name: 'new' });
  }
  expect(seen).toEqual(['a', 'b']);
  expect([...bag].map(({ name }) => name)).toEqual(['new', 'new']);
});
