import { BASELINES } from './cell.ts';
import type { Cell, TargetName } from './cell.ts';
import type { Measured, Sample } from './measure.ts';
import { median, spread } from './statistics.ts';
import type { Spread } from './statistics.ts';

/** What came of one target in one cell: medians of the rounds. */
export interface Row extends Cell {
  readonly target: TargetName;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** To a direct call in the same round. */
  readonly addedP50Ms?: number;
  readonly addedP99Ms?: number;
  readonly cpuMicroseconds?: number;
  readonly peakMiB?: number;
  /** To the baseline in the same round. */
  readonly cpuRatio?: Spread;
  readonly throughputRatio?: Spread;
  readonly p99Ratio?: Spread;
  /** Share of its time in which the client had the core: near 1 it is what limits the throughput. */
  readonly clientShare: number;
}

type Read = (sample: Sample) => number | undefined;

const throughput: Read = ({ calls, seconds }) => calls / seconds;

export function rowsOf({ cell, samples, peaks }: Measured): Row[] {
  const baseline = BASELINES.map((name) => samples.get(name)).find((found) => found !== undefined);
  const direct = samples.get('direct');
  return [...samples].map(([target, own]) => {
    const of = (read: Read): number => median(own.flatMap((sample) => read(sample) ?? []));
    const against = (others: readonly Sample[] | undefined, read: Read, join: (a: number, b: number) => number) =>
      own.flatMap((sample, round) => {
        const [mine, theirs] = [read(sample), others?.[round] && read(others[round])];
        return mine === undefined || theirs === undefined ? [] : [join(mine, theirs)];
      });
    const ratio = (read: Read): Spread | undefined => {
      const ratios = against(baseline, read, (a, b) => a / b);
      return ratios.length === 0 ? undefined : spread(ratios);
    };
    const added = (read: Read): number | undefined => {
      const differences = against(target === 'direct' ? undefined : direct, read, (a, b) => a - b);
      return differences.length === 0 ? undefined : median(differences);
    };
    const cpu = of((sample) => sample.cpu);
    return withoutAbsent<Row>({
      ...cell,
      target,
      callsPerSecond: of(throughput),
      p50Ms: of(({ p50 }) => p50),
      p99Ms: of(({ p99 }) => p99),
      addedP50Ms: added(({ p50 }) => p50),
      addedP99Ms: added(({ p99 }) => p99),
      cpuMicroseconds: Number.isNaN(cpu) ? undefined : cpu,
      peakMiB: peaks.get(target),
      cpuRatio: ratio((sample) => sample.cpu),
      throughputRatio: ratio(throughput),
      p99Ratio: ratio(({ p99 }) => p99),
      clientShare: of(({ clientCpuSeconds, seconds }) => clientCpuSeconds / seconds),
    });
  });
}

type Loose<T> = { readonly [Key in keyof T]: T[Key] | undefined };

function withoutAbsent<T extends object>(values: Loose<T>): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
