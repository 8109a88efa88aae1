import { expect, it } from 'vitest';
import { createRandom } from '../test/random-json.ts';
import { NumberTable } from './number-table.ts';

/** Of few numbers most meet in the same places; these do in tables of every size. */
const KEYS = Array.from({ length: 9 }, (_, index) => [
  index,
  0 - index,
  index * 1_024,
  2 ** 40 + index,
  index + 0.5,
]).flat();

it.each(Array.from({ length: 50 }, (_, seed) => seed))('knows what a Map knows, with seed %i', (seed) => {
  const random = createRandom(seed);
  const table = new NumberTable<string>();
  const map = new Map<number, string>();
  for (let step = 0; step < 600; step += 1) {
    const key = random.pick(KEYS);
    // More comes than goes at first, then more goes.
    const isNew = random.below(10) < (step < 300 ? 7 : 3);
    const isGone = !isNew && map.delete(key);
    if (isNew) {
      table.set(key, `${step}`);
      map.set(key, `${step}`);
    }
    expect(!isNew && table.delete(key)).toBe(isGone);
    expect(table.size).toBe(map.size);
    expect(table.get(key)).toBe(map.get(key));
  }
  for (const key of KEYS) expect(table.get(key)).toBe(map.get(key));
  const inOrder = [...map].sort(([one], [other]) => one - other).map(([, value]) => value);
  expect(table.values()).toEqual(inOrder);
});
