import { describe, expect, it } from 'vitest';
import { median, medianInterval, spread } from './statistics.ts';

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[7], 7],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

  it('is no number when there is nothing', () => expect(median([])).toBeNaN());
});

describe('spread', () => {
  it('says where the middle half lies, so that one disturbed round does not show', () => {
    expect(spread([1, 2, 3, 4, 5, 6, 7, 8, 900])).toEqual({ low: 3, median: 5, high: 7 });
  });
});

describe('medianInterval', () => {
  const noisy = [0.98, 1.02, 0.97, 1.05, 1.01, 0.99, 1.6, 1.0, 0.96, 1.03, 1.02];

  it('contains the median, and is not moved by one disturbed round', () => {
    const [low, high] = medianInterval(noisy);
    expect(low).toBeLessThanOrEqual(median(noisy));
    expect(high).toBeGreaterThanOrEqual(median(noisy));
    expect(high).toBeLessThan(1.1);
  });

  it('is narrower with more rounds', () => {
    const width = (values: readonly number[]): number => medianInterval(values)[1] - medianInterval(values)[0];
    const more = Array.from({ length: 9 }, () => noisy).flat();
    expect(width(more)).toBeLessThan(width(noisy));
  });

  it('is the same for the same values', () => expect(medianInterval(noisy)).toEqual(medianInterval(noisy)));

  it('is the value itself when all are alike', () => expect(medianInterval([2, 2, 2])).toEqual([2, 2]));
});
