/** Milliseconds. */
const FIRST_PAUSE = 1_000;
export const LONGEST_PAUSE = 60_000;

/**
 * How long to wait before the next try: twice as long after each failure. Half of each pause is random, so that what
 * failed together does not come back together.
 */
export function growingPause(failures: number, random: () => number): number {
  return halfRandom(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures), random);
}

export function halfRandom(pause: number, random: () => number): number {
  return pause * (0.5 + random() / 2);
}
