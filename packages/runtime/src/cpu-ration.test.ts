import { describe, expect, it } from 'vitest';
import { countCores, isCpuRationed } from './cpu-ration.ts';

const one = (): number => 1;
const eight = (): number => 8;

describe('isCpuRationed', () => {
  it('is where there is time for one core, and there are more', () => {
    expect(isCpuRationed(1, eight)).toBe(true);
  });

  it('is not with one core, and not with time for two', () => {
    expect(isCpuRationed(1, one)).toBe(false);
    expect(isCpuRationed(2, eight)).toBe(false);
  });
});

describe('countCores', () => {
  it.each([
    ['0', 1],
    ['0-1', 2],
    ['0-3,8', 5],
    ['1,3,16-31', 18],
  ])('counts those of %s', (list, count) => {
    expect(countCores(`Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\nThreads:\t7\n`)).toBe(count);
  });

  it('counts none where nothing is said of them', () => {
    expect(countCores('Name:\tnode\n')).toBeUndefined();
  });
});
