import type { Cell, TargetName } from './cell.ts';
import type { Measured, Sample } from './measure.ts';

/** Figures for tests: what a measurement would be, had it given these. */
export const cell: Cell = { upstream: 'http', era: 'legacy', bytes: 200, inFlight: 32 };

export function sample(cpu: number | undefined, facts: Partial<Sample> = {}): Sample {
  const run = { calls: 1000, seconds: 0.5, p50: 1, p99: 4, clientCpuSeconds: 0.25 };
  return { ...run, ...(cpu !== undefined && { cpu }), ...facts };
}

export function measured(samples: Partial<Record<TargetName, readonly Sample[]>>, of: Cell = cell): Measured {
  const entries = Object.entries(samples) as [TargetName, readonly Sample[]][];
  return { cell: of, samples: new Map(entries), peaks: new Map() };
}
