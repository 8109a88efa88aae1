import { cellName } from './cell.ts';
import type { TargetName } from './cell.ts';
import type { Measured } from './measure.ts';
import { median, medianInterval } from './statistics.ts';

/** What became of a target from one version to the next. */
export interface Change {
  readonly cell: string;
  readonly target: TargetName;
  /** CPU per call, new to old: the median of the rounds. */
  readonly ratio: number;
  /** Where that median lies in 19 cases of 20. */
  readonly interval: readonly [low: number, high: number];
  readonly verdict: ChangeVerdict;
}

/** `unclear`: chance alone moved the rounds by more than is allowed; more rounds tell. */
export type ChangeVerdict = 'regression' | 'slower' | 'same' | 'faster' | 'unclear';

/** More than this is a regression. */
export const ALLOWED_CHANGE = 1.1;

const PAIRS: readonly (readonly [now: TargetName, before: TargetName])[] = [
  ['off', 'old off'],
  ['deployed', 'old deployed'],
];

/**
 * Ratios are made of two measurements of the same round, a few seconds apart, so what slows the machine down for longer than
 * that slows down both and is not seen in them; what is left is noise without a direction. The order changes every round.
 */
export function changesOf({ cell, samples }: Measured): Change[] {
  return PAIRS.flatMap(([target, old]) => {
    const before = samples.get(old) ?? [];
    const ratios = (samples.get(target) ?? []).flatMap(({ cpu }, round) => {
      const base = before[round]?.cpu;
      return cpu === undefined || base === undefined ? [] : cpu / base;
    });
    if (ratios.length === 0) return [];
    const ratio = median(ratios);
    const interval = medianInterval(ratios);
    return { cell: cellName(cell), target, ratio, interval, verdict: verdictOf(ratio, interval) };
  });
}

/** A change is one when the interval leaves 1 out. */
export function verdictOf(ratio: number, [low, high]: readonly [number, number]): ChangeVerdict {
  if (low > 1) return ratio > ALLOWED_CHANGE ? 'regression' : 'slower';
  if (high < 1) return 'faster';
  return high > ALLOWED_CHANGE || low < 1 / ALLOWED_CHANGE ? 'unclear' : 'same';
}
