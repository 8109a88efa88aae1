import { cellName, isSameCell } from './cell.ts';
import type { Cell, TargetName } from './cell.ts';
import type { Row } from './row.ts';

/** What the product promises about a call, and where it is read. */
export interface Goal {
  readonly promise: string;
  readonly cell: Cell;
  readonly target: TargetName;
  readonly limit: number;
  /** Whether the limit is the least; otherwise it is the most. */
  readonly isLeast?: boolean;
  readonly unit: '×' | 'ms';
  readonly figure: (row: Row) => number | undefined;
}

const http: Cell = { upstream: 'http', era: 'legacy', bytes: 200, inFlight: 32 };
const modern: Cell = { ...http, era: 'modern' };
const stdio: Cell = { ...http, upstream: 'stdio' };
const modernStdio: Cell = { ...modern, upstream: 'stdio' };
const large: Cell = { ...http, bytes: 1_048_576 };
const alone: Cell = { ...http, inFlight: 1 };
const crowded: Cell = { ...http, inFlight: 256 };

const cpu = {
  promise: 'CPU per call, to the byte proxy',
  unit: '×',
  figure: (row: Row) => row.cpuRatio?.median,
} as const;
const bridged = { ...cpu, promise: 'CPU per call, to the bare bridge' } as const;
const flow = {
  promise: 'calls/s, to the byte proxy',
  unit: '×',
  isLeast: true,
  figure: (row: Row) => row.throughputRatio?.median,
} as const;
const added = { promise: 'added p50', unit: 'ms', figure: (row: Row) => row.addedP50Ms } as const;
const tail = { promise: 'p99, to the byte proxy', unit: '×', figure: (row: Row) => row.p99Ratio?.median } as const;

export const GOALS: readonly Goal[] = [
  { ...cpu, cell: http, target: 'off', limit: 1.3 },
  { ...cpu, cell: modern, target: 'off', limit: 1.3 },
  { ...cpu, cell: http, target: 'deployed', limit: 1.6 },
  { ...cpu, cell: modern, target: 'deployed', limit: 1.6 },
  { ...bridged, cell: stdio, target: 'off', limit: 1.3 },
  { ...bridged, cell: modernStdio, target: 'off', limit: 1.3 },
  { ...flow, cell: large, target: 'off', limit: 0.7 },
  { ...flow, cell: large, target: 'deployed', limit: 0.7 },
  { ...added, cell: alone, target: 'off', limit: 0.25 },
  { ...added, cell: alone, target: 'deployed', limit: 0.25 },
  { ...tail, cell: crowded, target: 'off', limit: 2 },
  { ...tail, cell: crowded, target: 'deployed', limit: 2 },
];

export interface Verdict {
  readonly goal: Goal;
  /** Absent when it was not measured, which is as good as missed. */
  readonly figure: number | undefined;
  readonly met: boolean;
}

export function judge(rows: readonly Row[], goals: readonly Goal[] = GOALS): Verdict[] {
  return goals.map((goal) => {
    const row = rows.find((candidate) => candidate.target === goal.target && isSameCell(candidate, goal.cell));
    const figure = row && goal.figure(row);
    const met = figure !== undefined && (goal.isLeast === true ? figure >= goal.limit : figure <= goal.limit);
    return { goal, figure, met };
  });
}

export function isJudged(cell: Cell): boolean {
  return GOALS.some((goal) => isSameCell(goal.cell, cell));
}

/** A line of the table of goals. */
export function verdictCells({ goal, figure, met }: Verdict): readonly string[] {
  const limit = `${goal.isLeast === true ? '≥' : '≤'} ${goal.limit} ${goal.unit}`;
  const found = figure === undefined ? 'not measured' : `${figure.toFixed(2)} ${goal.unit}`;
  return [goal.promise, cellName(goal.cell), goal.target, limit, found, met ? 'met' : '**missed**'];
}
