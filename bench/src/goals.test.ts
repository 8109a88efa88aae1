import { describe, expect, it } from 'vitest';
import { GOALS, judge, verdictCells } from './goals.ts';
import type { Goal } from './goals.ts';
import { cell, measured, sample } from './made-up.ts';
import { rowsOf } from './row.ts';

const most: Goal = {
  promise: 'CPU',
  cell,
  target: 'off',
  limit: 1.3,
  unit: '×',
  figure: (row) => row.cpuRatio?.median,
};
const least: Goal = {
  ...most,
  promise: 'calls/s',
  limit: 0.7,
  isLeast: true,
  figure: (row) => row.callsPerSecond / 1e3,
};

function verdictFor(cpu: number, goal: Goal) {
  return judge(rowsOf(measured({ 'byte proxy': [sample(100)], off: [sample(cpu)] })), [goal])[0];
}

describe('judge', () => {
  it('is content with what is at the limit', () => {
    expect(verdictFor(130, most)).toMatchObject({ figure: 1.3, met: true });
  });

  it('misses what is above', () => expect(verdictFor(131, most)).toMatchObject({ figure: 1.31, met: false }));

  it('misses what is below, where the limit is the least', () => {
    expect(verdictFor(100, { ...least, limit: 2 })?.met).toBe(true);
    expect(verdictFor(100, { ...least, limit: 2.01 })?.met).toBe(false);
  });

  it('misses what was not measured: another target, another cell, or no figure', () => {
    expect(verdictFor(100, { ...most, target: 'deployed' })).toMatchObject({ figure: undefined, met: false });
    expect(verdictFor(100, { ...most, cell: { ...cell, era: 'modern' } })?.met).toBe(false);
    expect(verdictFor(100, { ...most, figure: (row) => row.addedP50Ms })?.met).toBe(false);
    expect(judge([])).toHaveLength(GOALS.length);
    expect(judge([]).some(({ met }) => met)).toBe(false);
  });
});

it('is a line of a table', () => {
  const verdicts = judge(rowsOf(measured({ 'byte proxy': [sample(100)], off: [sample(200)] })), [most, least]);
  expect(verdicts.map(verdictCells)).toEqual([
    ['CPU', 'http, legacy, 200 B, 32 in flight', 'off', '≤ 1.3 ×', '2.00 ×', '**missed**'],
    ['calls/s', 'http, legacy, 200 B, 32 in flight', 'off', '≥ 0.7 ×', '2.00 ×', 'met'],
  ]);
});
