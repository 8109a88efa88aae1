import { expect, it } from 'vitest';
import { WeighedMap } from './weighed-map.ts';

it('keeps what was asked for, and no more than its limit', () => {
  const map = new WeighedMap<string>(10);
  map.set('a', 'A', 2);
  map.set('b', 'B', 2);
  map.set('c', 'C', 2);
  expect(map.get('a')).toBe('A');
  map.set('d', 'D', 4);
  expect([...map.entries()].map(([key]) => key).sort()).toEqual(['a', 'c', 'd']);
  expect(map.get('b')).toBeUndefined();
});

it('never holds more than its limit, whatever is put in and asked for', () => {
  const map = new WeighedMap<number>(100);
  for (let turn = 0; turn < 10_000; turn++) {
    const weight = (turn * 7) % 40;
    if (turn % 3 === 0) map.get(`${turn % 50}`);
    else if (turn % 11 === 0) map.delete(`${turn % 70}`);
    else map.set(`${turn % 90}`, weight, weight);
    const held = [...map.entries()];
    expect(held.reduce((sum, [, value]) => sum + value, 0)).toBeLessThanOrEqual(100);
    expect(new Set(held.map(([key]) => key)).size).toBe(held.length);
  }
});

it('keeps one that alone weighs more', () => {
  const map = new WeighedMap<string>(10);
  map.set('large', 'L', 50);
  expect(map.get('large')).toBe('L');
  map.set('small', 'S', 1);
  map.set('other', 'O', 1);
  expect(map.get('small')).toBe('S');
  map.clear();
  expect([...map.entries()]).toEqual([]);
});
