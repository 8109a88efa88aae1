import { expect, it } from 'vitest';
import { RecentMap } from './recent-map.ts';

it('lets go of what was not asked for the longest', () => {
  const map = new RecentMap<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect(map.entries()).toEqual([
    ['a', 1],
    ['c', 3],
  ]);
  expect(map.get('b')).toBeUndefined();
  map.clear();
  expect(map.entries()).toEqual([]);
});
