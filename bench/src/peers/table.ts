import { IN_FLIGHT, RESULT_BYTES } from './contender.ts';
import type { Figures } from './figures.ts';
import { percent } from './judge.ts';
import type { Verdict } from './judge.ts';
import type { Dropped } from './rounds.ts';
import type { Upstream } from './rivals.ts';

export interface Comparison {
  readonly kind: Upstream['kind'];
  readonly figures: readonly Figures[];
  readonly dropped: readonly Dropped[];
}

const COLUMNS = [
  'calls/s',
  'CPU µs per call',
  'p50 ms',
  'RSS MiB: ready, peak',
  'ready after ms',
  'tools/list of 100, CPU µs',
  'core: gateway',
  'core: client + server',
];

/** Rows in the order of their calls per second, fastest first. */
export function comparisonTable({ kind, figures, dropped }: Comparison): string {
  const rows = figures
    .toSorted((a, b) => b.callsPerSecond - a.callsPerSecond)
    .map((each) => [each.isHostler ? `**${each.name}**` : each.name, ...cellsOf(each)]);
  const table = markdownTable([`upstream ${kind === 'http' ? 'HTTP (JSON)' : 'stdio'}`, ...COLUMNS], rows);
  const conditions = `${IN_FLIGHT} calls in flight, results of ${RESULT_BYTES} bytes, medians of ${roundsOf(figures)} rounds.`;
  return [
    table,
    '',
    conditions,
    ...(dropped.length === 0 ? [] : ['', 'Not measured:', '', ...dropped.map(lineOf)]),
  ].join('\n');
}

function roundsOf(figures: readonly Figures[]): string {
  const rounds = figures.map((each) => each.rounds);
  const [least, most] = [Math.min(...rounds), Math.max(...rounds)];
  return least === most ? String(least) : `${least} to ${most}`;
}

function cellsOf(each: Figures): string[] {
  return [
    each.callsPerSecond.toFixed(0),
    each.cpuMicroseconds.toFixed(each.cpuMicroseconds < 100 ? 1 : 0),
    each.p50Ms.toFixed(2),
    `${each.readyMiB.toFixed(0)}, ${each.peakMiB.toFixed(0)}`,
    each.readyMs.toFixed(0),
    each.listMicroseconds.toFixed(each.listMicroseconds < 100 ? 1 : 0),
    percent(each.gatewayShare),
    `${percent(each.clientShare)} + ${percent(each.serverShare)}`,
  ];
}

function lineOf({ name, reason }: Dropped): string {
  return `- ${name}: ${reason.replace(/\s+/g, ' ')}`;
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  return markdownTable(
    ['goal', 'measured', 'asked for', 'verdict', 'to be read with'],
    verdicts.map(({ what, figure, goal, isMet, note }) => [what, figure, goal, isMet ? 'met' : '**missed**', note]),
  );
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
