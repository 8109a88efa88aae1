import { describe, expect, it } from 'vitest';
import { figuresOf, limitOf, median } from './figures.ts';
import type { Figures, Sample } from './figures.ts';
import { judge } from './judge.ts';
import { comparisonTable, verdictTable } from './table.ts';

const figures = (name: string, more: Partial<Figures> = {}): Figures => ({
  name,
  isHostler: name.startsWith('Hostler'),
  callsPerSecond: 1000,
  cpuMicroseconds: 500,
  p50Ms: 30,
  peakMiB: 200,
  readyMs: 500,
  readyMiB: 90,
  rounds: 5,
  listMicroseconds: 1000,
  gatewayShare: 0.95,
  clientShare: 0.1,
  serverShare: 0.1,
  ...more,
});

const rivals = [figures('quick', { callsPerSecond: 2000 }), figures('small', { peakMiB: 150 })];

const sample = (more: Partial<Sample>): Sample => ({
  calls: 1000,
  seconds: 2,
  p50: 1,
  clientMicroseconds: 200_000,
  gatewayMicroseconds: 1_000_000,
  serverMicroseconds: 400_000,
  ...more,
});

describe('judge', () => {
  it('compares calls with the fastest and memory with the smallest', () => {
    const verdicts = judge('http', [...rivals, figures('Hostler', { callsPerSecond: 8000, peakMiB: 149 })]);
    expect(verdicts.map(({ what, figure, goal, isMet }) => [what, figure, goal, isMet])).toEqual([
      ['http: Hostler, calls/s beside quick', '4.00 ×', 'at least 4 ×', true],
      ['http: Hostler, peak RSS beside small', '149 MiB', 'below 150 MiB', true],
    ]);
  });

  it('misses by a little as well', () => {
    const verdicts = judge('http', [...rivals, figures('Hostler', { callsPerSecond: 7999, peakMiB: 150 })]);
    expect(verdicts.map(({ isMet }) => isMet)).toEqual([false, false]);
  });

  it('asks less of stdio, and judges each form of Hostler', () => {
    const both = [
      figures('Hostler off', { callsPerSecond: 3000 }),
      figures('Hostler deployed', { callsPerSecond: 2999 }),
    ];
    const verdicts = judge('stdio', [...rivals, ...both]).filter(({ what }) => what.includes('calls/s'));
    expect(verdicts.map(({ isMet }) => isMet)).toEqual([true, false]);
  });

  it('does not pass on too few rounds', () => {
    const verdicts = judge('http', [...rivals, figures('Hostler', { callsPerSecond: 9000, peakMiB: 1, rounds: 4 })]);
    expect(verdicts.map(({ isMet }) => isMet)).toEqual([true, true, false]);
  });

  it('says what the throughput was limited by', () => {
    const noteOf = (more: Partial<Figures>): string | undefined =>
      judge('http', [...rivals, figures('Hostler', { callsPerSecond: 3000, cpuMicroseconds: 50, ...more })])[0]?.note;
    expect(noteOf({})).toBe("CPU per call 10.0 × less; Hostler's own core was full");
    expect(noteOf({ clientShare: 0.6, serverShare: 0.35 })).toContain('a lower bound');
    expect(noteOf({ gatewayShare: 0.5 })).toContain('neither core was full');
  });

  it('is not met when nothing ran, or nothing was measured', () => {
    expect(judge('http', [figures('Hostler')]).map(({ isMet }) => isMet)).toEqual([false]);
    const unmeasured = figures('Hostler', { callsPerSecond: Number.NaN, peakMiB: Number.NaN });
    expect(judge('http', [...rivals, unmeasured]).map(({ isMet }) => isMet)).toEqual([false, false]);
  });
});

describe('figuresOf', () => {
  it('takes medians of the rounds, each by itself', () => {
    const calls = [sample({}), sample({ calls: 4000, p50: 3 }), sample({ calls: 2000, p50: 2 })];
    const lists = [sample({ calls: 100 })];
    const made = figuresOf({ name: 'x', isHostler: false, readyMs: 1, readyMiB: 1, peakMiB: 2, calls, lists });
    expect(made).toMatchObject({ callsPerSecond: 1000, cpuMicroseconds: 500, p50Ms: 2, listMicroseconds: 10_000 });
    expect(made).toMatchObject({ gatewayShare: 0.5, clientShare: 0.1, serverShare: 0.2 });
    expect(limitOf(made)).toBe('neither');
  });

  it('takes the middle of an even number, and nothing from nothing', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

describe('tables', () => {
  it('are sorted by calls and name who was left out', () => {
    const dropped = [{ name: 'gone 1.0', reason: 'npm install:\n  E404' }];
    const table = comparisonTable({
      kind: 'http',
      figures: [...rivals, figures('Hostler', { callsPerSecond: 9 })],
      dropped,
    });
    const lines = table.split('\n');
    expect(lines.slice(2, 5).map((line) => line.split(' | ')[0])).toEqual(['| quick', '| small', '| **Hostler**']);
    expect(table).toContain('\n\n32 calls in flight, results of 200 bytes, medians of 5 rounds.\n');
    expect(lines.at(-1)).toBe('- gone 1.0: npm install: E404');
    expect(new Set(lines.slice(0, 5).map((line) => line.split(' | ').length)).size).toBe(1);
  });

  it('show what is missed', () => {
    const text = verdictTable(judge('http', [...rivals, figures('Hostler', { peakMiB: 100 })]));
    expect(text).toContain('| 0.50 × | at least 4 × | **missed** |');
    expect(text).toContain('| 100 MiB | below 150 MiB | met |');
  });
});
