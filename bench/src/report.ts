import { inFlightText, sizeText, TARGETS, UPSTREAMS } from './cell.ts';
import type { Cell, TargetName, Upstream } from './cell.ts';
import { verdictCells } from './goals.ts';
import type { Verdict } from './goals.ts';
import { markdownTable } from './markdown-table.ts';
import type { Change } from './change.ts';
import type { Row } from './row.ts';
import type { Spread } from './statistics.ts';

const GOAL_HEAD = ['promise', 'cell', 'target', 'goal', 'measured', ''];

export function goalTable(verdicts: readonly Verdict[]): string {
  return markdownTable(GOAL_HEAD, verdicts.map(verdictCells), 3);
}

/** What is shown while it runs: all figures of one cell. */
export function cellTable(rows: readonly Row[]): string {
  const head = [
    'target',
    'CPU µs',
    'ratio',
    'calls/s',
    'p50 ms',
    'p99 ms',
    'added p50',
    'added p99',
    'peak MiB',
    'client',
  ];
  const lines = rows.map((row) => [
    row.target,
    figure(row.cpuMicroseconds, 1),
    spreadText(row.cpuRatio),
    figure(row.callsPerSecond, 0),
    figure(row.p50Ms, 3),
    figure(row.p99Ms, 3),
    figure(row.addedP50Ms, 3),
    figure(row.addedP99Ms, 3),
    figure(row.peakMiB, 0),
    `${figure(row.clientShare * 100, 0)} %`,
  ]);
  return markdownTable(head, lines);
}

export function changeTable(changes: readonly Change[]): string {
  const head = ['cell', 'target', 'CPU per call, new to old', '95 % interval', ''];
  const lines = changes.map(({ cell, target, ratio, interval: [low, high], verdict }) => [
    cell,
    target,
    figure(ratio, 3),
    `${figure(low, 3)}–${figure(high, 3)}`,
    verdict,
  ]);
  return markdownTable(head, lines, 2);
}

interface Figure {
  readonly title: string;
  readonly text: (row: Row) => string;
}

const FIGURES: readonly Figure[] = [
  { title: 'CPU µs per call (ratio to the baseline)', text: (row) => withRatio(row) },
  { title: 'calls/s', text: (row) => figure(row.callsPerSecond, 0) },
  { title: 'p50 / p99, ms', text: ({ p50Ms, p99Ms }) => `${figure(p50Ms, 2)} / ${figure(p99Ms, 2)}` },
  {
    title: 'added p50 / p99 to a direct call, ms',
    text: ({ addedP50Ms, addedP99Ms }) => `${figure(addedP50Ms, 2)} / ${figure(addedP99Ms, 2)}`,
  },
  { title: 'peak memory, MiB', text: (row) => figure(row.peakMiB, 0) },
];

/** The part of the document that has everything: a table for each upstream and figure, a line for each cell. */
export function figureTables(rows: readonly Row[]): string {
  return UPSTREAMS.flatMap((upstream) => {
    const own = rows.filter((row) => row.upstream === upstream);
    return own.length === 0 ? [] : [`### ${TITLES[upstream]}`, ...FIGURES.flatMap((each) => figureTable(own, each))];
  }).join('\n\n');
}

const TITLES: Readonly<Record<Upstream, string>> = {
  http: 'HTTP, answers in JSON',
  sse: 'HTTP, answers as event streams',
  stdio: 'stdio',
};

function figureTable(rows: readonly Row[], { title, text }: Figure): string[] {
  const shown = (row: Row): string => (text(row).includes('NaN') ? '–' : text(row));
  const isEmpty = (name: TargetName): boolean =>
    rows.every((row) => row.target !== name || /^[–/ ]*$/.test(shown(row)));
  const targets = TARGETS.filter((name) => !isEmpty(name));
  if (targets.length === 0) return [];
  const cells = new Map(rows.map((row) => [lineName(row).join(), row]));
  const lines = [...cells.values()].map((cell) => [
    ...lineName(cell),
    ...targets.map((name) => {
      const row = rows.find((each) => each.target === name && lineName(each).join() === lineName(cell).join());
      return row === undefined ? '–' : shown(row);
    }),
  ]);
  return [`**${title}**`, markdownTable(['era', 'result', 'in flight', ...targets], lines)];
}

function lineName({ era, bytes, ...cell }: Cell): string[] {
  return [era, sizeText(bytes), inFlightText(cell)];
}

function withRatio({ cpuMicroseconds, cpuRatio }: Row): string {
  const ratio = cpuRatio === undefined ? '' : ` (${figure(cpuRatio.median, 2)})`;
  return `${figure(cpuMicroseconds, 1)}${ratio}`;
}

function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return '–';
  return `${figure(spread.median, 2)} (${figure(spread.low, 2)}–${figure(spread.high, 2)})`;
}

function figure(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
}
