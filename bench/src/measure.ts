import type { Cell, TargetName } from './cell.ts';
import type { Run } from './load.ts';
import { cpuOfAll, forgetPeak, ownProcesses, peakMiB } from './process-usage.ts';
import type { Target } from './targets.ts';

/** One round of one target. */
export interface Sample extends Run {
  /** Microseconds of CPU per call, of the target with all its threads and processes. */
  readonly cpu?: number;
}

export interface Measured {
  readonly cell: Cell;
  readonly samples: ReadonlyMap<TargetName, readonly Sample[]>;
  /** MiB, the most in this cell. */
  readonly peaks: ReadonlyMap<TargetName, number>;
}

export interface Effort {
  readonly rounds: number;
  /** Of load on a target in a round. */
  readonly seconds: number;
}

async function measureOnce({ load, pid }: Target, cell: Pick<Cell, 'inFlight' | 'bytes'>, seconds: number) {
  const pids = pid === undefined ? undefined : ownProcesses(pid);
  const before = pids && cpuOfAll(pids);
  const run = JSON.parse(await load.line(`${cell.inFlight} ${seconds} ${cell.bytes}`)) as Run;
  const after = pids && cpuOfAll(pids);
  const sample: Sample = {
    ...run,
    ...(before !== undefined && after !== undefined && { cpu: (after - before) / run.calls }),
  };
  return sample;
}

/** Calls after which every path is compiled, and how long they are waited for. */
export interface WarmUp {
  readonly calls: number;
  readonly seconds: number;
}

/** By calls, not by time: on a busy machine the compiler takes its time as well, and its work counts as the target's. */
export async function warmUp(target: Target, until: WarmUp): Promise<void> {
  let calls = 0;
  for (let second = 0; second < until.seconds && calls < until.calls; second++) {
    calls += (await measureOnce(target, { inFlight: 32, bytes: 200 }, 1)).calls;
  }
}

/** All targets in turn, and back, several rounds: what disturbs the machine disturbs them alike. */
export async function measureCell(targets: readonly Target[], cell: Cell, effort: Effort): Promise<Measured> {
  const samples = new Map<TargetName, Sample[]>(targets.map(({ name }) => [name, []]));
  const pidsOf = ({ pid }: Target): number[] => (pid === undefined ? [] : ownProcesses(pid));
  for (const target of targets) {
    forgetPeak(pidsOf(target));
    // A size or a number of connections that it has not seen yet.
    await measureOnce(target, cell, effort.seconds);
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      samples.get(target.name)?.push(await measureOnce(target, cell, effort.seconds));
    }
  }
  const peaks = targets.flatMap((target): [TargetName, number][] => {
    const peak = target.pid === undefined ? undefined : peakMiB(pidsOf(target));
    return peak === undefined ? [] : [[target.name, peak]];
  });
  return { cell, samples, peaks: new Map(peaks) };
}
