/** The lowest, the median and the highest. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half)] ?? Number.NaN)) / 2;
}

/** The median, and between which values the middle half lies: one disturbed round does not widen it. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return { low: at(0.25), median: median(values), high: at(0.75) };
}

/** Enough that the ends of the interval do not move in the second digit. */
const RESAMPLES = 2000;

/**
 * Where the median of more such values would lie in 19 cases of 20: the bootstrap. So many medians are taken of values drawn
 * from those that were measured, each as often as chance has it; the interval leaves out a fortieth of them on either side.
 * It asks nothing of the distribution, which has a long tail on a shared machine. Chance begins at the same place every
 * time, so the same values give the same interval.
 */
export function medianInterval(values: readonly number[]): readonly [low: number, high: number] {
  const random = chance(values.length);
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)),
  ).toSorted((a, b) => a - b);
  const at = (share: number): number => medians[Math.round((RESAMPLES - 1) * share)] ?? Number.NaN;
  return [at(0.025), at(0.975)];
}

/** Numbers from 0 to 1 by xorshift, which needs to be no better than this. */
function chance(seed: number): () => number {
  let state = (seed + 1) * 2_654_435_761;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
