import { describe, expect, it } from 'vitest';
import { measured, sample } from './made-up.ts';
import { grown, readRecords, recordedFrom, recordedOn } from './recorded.ts';
import { rowsOf } from './row.ts';

const rowsAt = (cpu: number) =>
  rowsOf(measured({ nginx: [sample(20)], 'byte proxy': [sample(40)], off: [sample(cpu)] }));
const name = 'off: http, legacy, 200 B, 32 in flight';
const recorded = recordedFrom(rowsAt(48), 'then');

describe('grown', () => {
  it('keeps the ratio of what is ours alone', () =>
    expect(recorded).toEqual({ measured: 'then', ratios: { [name]: 1.2 } }));

  it('lets a quarter pass', () => expect(grown(rowsAt(60), recorded)).toEqual([]));

  it('tells what is above it', () => {
    expect(grown(rowsAt(61), recorded)).toEqual([`${name}: 1.52 times the baseline; 1.20 is recorded, 1.50 allowed`]);
  });

  it('does not pass what it cannot compare', () => {
    expect(grown([], recorded)).toEqual([`${name}: not measured`]);
    expect(grown(rowsAt(40), { measured: '', ratios: {} })).toEqual([expect.stringContaining('nothing is recorded')]);
  });
});

describe('recordedOn', () => {
  const slow = { measured: 'there', ratios: { a: 2, b: 1 } };
  const quick = { measured: 'here', ratios: { a: 1, b: 1.5, c: 1 } };

  it('is that of the processor', () => expect(recordedOn('quick', { slow, quick })).toEqual(quick));

  it('is the highest of all on one that nobody has recorded', () =>
    expect(recordedOn('new', { slow, quick }).ratios).toEqual({ a: 2, b: 1.5, c: 1 }));
});

it('has records of what the smoke run measures', () => {
  const records = Object.values(readRecords());
  expect(records.length).toBeGreaterThan(0);
  for (const { ratios } of records) {
    expect(Object.keys(ratios)).toEqual([
      name,
      'deployed: http, legacy, 200 B, 32 in flight',
      'off: http, legacy, 10 KB, 32 in flight',
      'deployed: http, legacy, 10 KB, 32 in flight',
      'off: stdio, legacy, 200 B, 32 in flight',
    ]);
  }
});
