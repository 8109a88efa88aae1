import { median, spread } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { markdownTable } from '../markdown-table.ts';
import { measureHeap, measureResident, measureSlope, measureStart } from './measure.ts';
import type { Growth, SlopeFigures } from './measure.ts';
import type { Program } from './program.ts';
import { measureRest } from './rest.ts';
import { versionMs } from './version.ts';

export interface Figure {
  readonly name: string;
  readonly unit: 'ms' | 'MiB' | 'KiB' | '%' | '×';
  readonly value: Spread;
  /** The product promises less. */
  readonly below?: number;
}

export interface FigureOptions {
  readonly program: Program;
  readonly runs: number;
  /** None: left out. */
  readonly calls: number;
  readonly tell: (what: string) => void;
}

export async function measureFigures(options: FigureOptions): Promise<Figure[]> {
  return [
    ...(await startFigures(options)),
    ...(await memoryFigures(options)),
    ...(await slopeFigures(options)),
    ...(await restFigures(options)),
  ];
}

async function startFigures({ program, runs, tell }: FigureOptions): Promise<Figure[]> {
  tell('start');
  // The first reads files from the disk.
  versionMs(program);
  await measureStart(program);
  const versions: number[] = [];
  const starts: Awaited<ReturnType<typeof measureStart>>[] = [];
  for (let run = 0; run < runs; run++) {
    versions.push(versionMs(program));
    starts.push(await measureStart(program));
  }
  return [
    { name: '`hostler --version`', unit: 'ms', value: spread(versions), below: 80 },
    { name: 'ready, without servers', unit: 'ms', value: spread(starts.map((each) => each.readyMs)), below: 300 },
    { name: 'CPU time until then, all threads', unit: 'ms', value: spread(starts.map((each) => each.readyCpuMs)) },
    { name: 'memory (RSS), idle', unit: 'MiB', value: spread(starts.map((each) => each.idleMiB)), below: MB * 80 },
  ];
}

/** The goals count in thousands. */
const MB = 1e6 / 2 ** 20;
const KIB = 1024;
const COUNTS = [1, 100, 1_000] as const;

async function memoryFigures({ program, runs, tell }: FigureOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of ['sessions', 'streams'] as const) {
    tell(kind);
    const growths: Growth[] = [];
    // Where the nursery stands when it is read makes 3 MiB between two runs, a fifth of the goal.
    const most = kind === 'sessions' ? runs : Math.min(runs, 3);
    for (let run = 0; run < most; run++) growths.push(await measureResident(program, kind, COUNTS));
    for (const count of COUNTS) {
      const name = `${count.toLocaleString('en')} ${kind === 'sessions' ? 'idle session' : 'held stream'}${count === 1 ? '' : 's'}, memory (RSS) more`;
      const goal = kind === 'sessions' && count === 1_000 && { below: MB * 15 };
      figures.push({ name, unit: 'MiB', value: spread(growths.map((growth) => addedAt(growth, count))), ...goal });
    }
    const many = kind === 'sessions' ? 9_900 : 900;
    const heaps: Growth[] = [];
    for (let run = 0; run < Math.min(runs, 2); run++) heaps.push(await measureHeap(program, kind, [many]));
    figures.push({
      name: `heap of each of ${many.toLocaleString('en')} ${kind === 'sessions' ? 'idle sessions' : 'held streams'}`,
      unit: 'KiB',
      value: spread(heaps.map((growth) => (addedAt(growth, many) / many) * KIB)),
      ...(kind === 'sessions' && { below: 10_000 / KIB }),
    });
  }
  return figures;
}

function addedAt(growth: Growth, count: number): number {
  return growth.find((each) => each.count === count)?.added ?? Number.NaN;
}

async function slopeFigures({ program, calls, tell }: FigureOptions): Promise<Figure[]> {
  if (calls === 0) return [];
  tell(`${calls.toLocaleString('en')} calls`);
  const slope = await measureSlope(program, calls);
  const many = slope.calls.toLocaleString('en');
  const one = (value: number): Spread => ({ low: value, median: value, high: value });
  return [
    { name: `live heap more after ${many} calls`, unit: '%', value: one(growthPercent(slope)), below: 1 },
    { name: 'live heap after them', unit: 'MiB', value: one(slope.heapMiB.at(-1) ?? Number.NaN) },
    { name: 'memory (RSS) after them', unit: 'MiB', value: one(slope.residentMiB) },
  ];
}

async function restFigures({ program, calls, tell }: FigureOptions): Promise<Figure[]> {
  if (calls === 0) return [];
  tell('rest');
  const ratios: number[] = [];
  for (let run = 0; run < REST_RUNS; run++) ratios.push(await measureRest(program));
  const name = 'CPU of a call after half a minute of rest, to before';
  return [{ name, unit: '×', value: spread(ratios), below: 1.5 }];
}

const REST_RUNS = 3;

/**
 * By the line through all points that has the median of the slopes between any two (Theil and Sen): one reading that
 * found a request under way does not bend it.
 */
export function growthPercent({ heapMiB }: Pick<SlopeFigures, 'heapMiB'>): number {
  const slopes = heapMiB.flatMap((later, at) =>
    heapMiB.slice(0, at).map((earlier, before) => (later - earlier) / (at - before)),
  );
  return (100 * median(slopes) * (heapMiB.length - 1)) / median(heapMiB);
}

export function isMissed({ value, below }: Figure): boolean {
  return below !== undefined && !(value.median < below);
}

export function figureTable(figures: readonly Figure[]): string {
  const lines = figures.map((figure) => {
    const { name, unit, value, below } = figure;
    const text = (size: number): string => size.toFixed(unit === 'ms' ? 0 : 1);
    const goal = below === undefined ? '' : `< ${text(below)} ${unit}${isMissed(figure) ? ', **missed**' : ''}`;
    const between = value.low === value.high ? '' : `${text(value.low)}–${text(value.high)}`;
    return [name, `${text(value.median)} ${unit}`, between, goal];
  });
  return markdownTable(['', 'median', 'middle half', 'goal'], lines);
}
