import { expect, it } from 'vitest';
import { killOne } from './kill-one.ts';

// Other tests run at the same time: what happens once in three tries is theirs.
it('a server that dies costs the calls to the others nothing', { retry: 2 }, async () => {
  const { baseline, disturbed, areTheSame } = await killOne({ kills: 2, window: 1, rate: 100 });
  expect([baseline.errors, disturbed.errors, areTheSame]).toEqual([0, 0, true]);
  // `run.ts` judges by twice the baseline alone; where other tests run, a floor keeps their noise out.
  expect(disturbed.p99).toBeLessThanOrEqual(Math.max(2 * baseline.p99, 100));
});
