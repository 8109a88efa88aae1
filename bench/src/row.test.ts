import { expect, it } from 'vitest';
import { measured, sample } from './made-up.ts';
import { rowsOf } from './row.ts';

const rows = rowsOf(
  measured({
    direct: [sample(undefined, { p50: 0.5 }), sample(undefined, { p50: 0.6 }), sample(undefined, { p50: 5 })],
    'byte proxy': [sample(50), sample(60), sample(500)],
    off: [
      sample(60, { calls: 500, p50: 0.7, p99: 8 }),
      sample(75, { calls: 400, p50: 0.8, p99: 6 }),
      sample(600, { calls: 900, p50: 5.3, p99: 4 }),
    ],
  }),
);
const [direct, proxy, off] = rows;

it('gives medians of the rounds', () => {
  expect(off).toMatchObject({ target: 'off', cpuMicroseconds: 75, callsPerSecond: 1000, p50Ms: 0.8, p99Ms: 6 });
});

it('compares within a round, so a slow moment of the machine is not seen in the ratio', () => {
  expect(off?.cpuRatio).toEqual({ low: 1.2, median: 1.2, high: 1.25 });
  expect(off?.throughputRatio?.median).toBe(0.5);
  expect(off?.p99Ratio?.median).toBe(1.5);
  expect(off?.addedP50Ms).toBeCloseTo(0.2);
  expect(proxy?.cpuRatio?.median).toBe(1);
});

it('says nothing of what was not measured', () => {
  expect(direct).not.toHaveProperty('cpuMicroseconds');
  expect(direct).not.toHaveProperty('cpuRatio');
  expect(direct).not.toHaveProperty('addedP50Ms');
  expect(rowsOf(measured({ 'bare bridge': [sample(1)], off: [sample(2)] }))[1]).not.toHaveProperty('addedP50Ms');
});

it('takes the bare bridge for the baseline where there is no byte proxy', () => {
  expect(rowsOf(measured({ 'bare bridge': [sample(10)], off: [sample(12)] }))[1]?.cpuRatio?.median).toBe(1.2);
});
