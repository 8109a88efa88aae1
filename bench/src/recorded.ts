import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cellName } from './cell.ts';
import type { TargetName } from './cell.ts';
import type { Row } from './row.ts';

/** Ratios to the baseline as they were when somebody last looked, by cell and target. */
export interface Recorded {
  readonly measured: string;
  readonly ratios: Readonly<Record<string, number>>;
}

/** A machine that others share moves a ratio by a tenth or so; a mistake on the path moves it by more than this. */
export const ALLOWED_GROWTH = 1.25;

const FILE = fileURLToPath(new URL('../recorded.json', import.meta.url));
const JUDGED: readonly TargetName[] = ['off', 'deployed'];

export function recordedFrom(rows: readonly Row[], measured: string): Recorded {
  const ratios = rows.flatMap((row): [string, number][] => {
    if (!JUDGED.includes(row.target) || row.cpuRatio === undefined) return [];
    return [[nameOf(row), Number(row.cpuRatio.median.toFixed(3))]];
  });
  return { measured, ratios: Object.fromEntries(ratios) };
}

/** @returns what grew too much or cannot be told. A cell that was recorded and is no longer measured is one of them. */
export function grown(rows: readonly Row[], { ratios }: Recorded): string[] {
  const now = recordedFrom(rows, '').ratios;
  const names = new Set([...Object.keys(ratios), ...Object.keys(now)]);
  return [...names].flatMap((name) => {
    const [before, found] = [ratios[name], now[name]];
    if (found === undefined) return [`${name}: not measured`];
    if (before === undefined) return [`${name}: nothing is recorded to compare with; --record writes it`];
    if (found <= before * ALLOWED_GROWTH) return [];
    const allowed = (before * ALLOWED_GROWTH).toFixed(2);
    return [`${name}: ${found.toFixed(2)} times the baseline; ${before.toFixed(2)} is recorded, ${allowed} allowed`];
  });
}

function nameOf(row: Row): string {
  return `${row.target}: ${cellName(row)}`;
}

/** By processor: what a system call, a hash and a page of memory cost beside each other is not the same on all of them. */
export type Records = Readonly<Record<string, Recorded>>;

/** That of this processor; of one that nobody has recorded, the highest ratios there are. */
export function recordedOn(processor: string, records: Records): Recorded {
  const own = records[processor];
  if (own !== undefined) return own;
  const ratios: Record<string, number> = {};
  for (const each of Object.values(records)) {
    for (const [name, ratio] of Object.entries(each.ratios)) ratios[name] = Math.max(ratio, ratios[name] ?? 0);
  }
  return { measured: 'on other processors', ratios };
}

export function readRecords(file = FILE): Records {
  return JSON.parse(readFileSync(file, 'utf8')) as Records;
}

/** Those of other processors stay. */
export function writeRecorded(processor: string, recorded: Recorded, file = FILE): void {
  const records = { ...readRecords(file), [processor]: recorded };
  writeFileSync(file, `${JSON.stringify(records, undefined, 2)}\n`);
}
