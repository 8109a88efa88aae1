import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { alive, descendants, openDescriptors } from '@hostler/test-kit';
import { chaosSpec } from '../faults/support/chaos-spec.ts';
import { servePlan } from '../serve.ts';
import { cycleKinds } from './cycle-kinds.ts';

export interface Sample {
  /** Part of the cycles that are done, in per cent. */
  readonly at: number;
  readonly heapMiB: number;
  readonly rssMiB: number;
  readonly descriptors: number;
  readonly children: number;
  readonly timers: number;
}

export interface CyclesReport {
  readonly cycles: number;
  readonly processes: number;
  /** Processes that are left when the host has closed. */
  readonly orphans: readonly number[];
  /** Before the first cycle, then at 10, 50 and 100 per cent. */
  readonly samples: readonly Sample[];
  /** Bytes of heap for each cycle of the second half: in the first, code is still compiled and buffers find their size. */
  readonly heapSlope: number;
  readonly seconds: number;
}

export interface CyclesOptions {
  readonly cycles: number;
  /** Cycles at the same time. */
  readonly width?: number;
}

/** Servers that are killed while all share them: so many that none of them crashes too often to be started again. */
const SHARED = 12;
/** One cycle in so many kills a shared server. */
const SHARED_EVERY = 25;

/** Kills, hangs, garbage and forks, again and again, in a host within this process. */
export async function runCycles({ cycles, width = 8 }: CyclesOptions): Promise<CyclesReport> {
  const begun = performance.now();
  const seen = new Set<number>();
  const shared = Array.from({ length: SHARED }, (_, index) => `shared-${index}`);
  const specs = ['steady', ...shared].map((name) => chaosSpec(name));
  const served = await servePlan(specs, { config: 'servers: {}\nlog: { level: error }\n' });
  const settled = { children: descendants(process.pid).length, isUp: () => areUp(served.runtime.readiness().servers) };
  const samples: Sample[] = [];
  try {
    const run = (from: number, to: number): Promise<void> =>
      runRange({ from, to, width }, (index) => kindAt(index)({ url: served.url, shared, seen, index }));
    await run(0, Math.min(12, cycles)); // What is compiled and opened once is no growth.
    samples.push(await takeSample(0, settled));
    let from = 0;
    for (const at of [10, 50, 100]) {
      const to = Math.round((cycles * at) / 100);
      await run(from, to);
      samples.push(await takeSample(at, settled));
      from = to;
    }
  } finally {
    await served.close();
  }
  const seconds = (performance.now() - begun) / 1_000;
  return {
    cycles,
    processes: seen.size,
    orphans: await orphansOf(seen),
    samples,
    heapSlope: slope(samples, cycles),
    seconds,
  };
}

function kindAt(index: number) {
  const everyTime = Object.entries(cycleKinds).filter(([name]) => !name.endsWith('shared'));
  const [, kind] =
    index % SHARED_EVERY === SHARED_EVERY - 1
      ? ['kill -9, shared', cycleKinds['kill -9, shared']]
      : (everyTime[index % everyTime.length] ?? []);
  if (kind === undefined) throw new Error('no such kind of cycle');
  return kind;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

async function runRange({ from, to, width }: Range, cycle: (index: number) => Promise<void>): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) await cycle(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

interface Settled {
  readonly children: number;
  readonly isUp: () => boolean;
}

/** When all servers are up again and what the last cycles left has gone, or after half a minute. */
async function takeSample(at: number, { children, isUp }: Settled): Promise<Sample> {
  const end = performance.now() + 30_000;
  while ((!isUp() || descendants(process.pid).length > children) && performance.now() < end) await delay(100);
  await delay(300);
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    at,
    heapMiB: toMiB(heapUsed),
    rssMiB: toMiB(rss),
    descriptors: openDescriptors().length,
    children: descendants(process.pid).length,
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
  };
}

const areUp = (servers: readonly { readonly status: string }[]): boolean =>
  servers.every(({ status }) => status === 'up');

const toMiB = (bytes: number): number => Math.round((bytes / 1024 / 1024) * 100) / 100;

function slope(samples: readonly Sample[], cycles: number): number {
  const [, , half, whole] = samples;
  return half && whole ? Math.round(((whole.heapMiB - half.heapMiB) * 1024 * 1024) / (cycles / 2)) : 0;
}

/** The operating system may take a moment to tell that a process has ended. */
async function orphansOf(seen: ReadonlySet<number>): Promise<readonly number[]> {
  const end = performance.now() + 5_000;
  let left = [...seen].filter(alive);
  while (left.length > 0 && performance.now() < end) {
    await delay(50);
    left = left.filter(alive);
  }
  return left;
}

/** What is wrong with a report, in words; empty when nothing is. */
export function findLeaks({ orphans, samples, heapSlope }: CyclesReport, steepest: number): readonly string[] {
  const [before] = samples;
  const after = samples.at(-1);
  if (before === undefined || after === undefined) return ['nothing was measured'];
  return [
    ...(orphans.length > 0 ? [`${orphans.length} processes are left: ${orphans.join(', ')}`] : []),
    ...(after.descriptors > before.descriptors ? [`descriptors: ${before.descriptors} -> ${after.descriptors}`] : []),
    ...(after.children > before.children ? [`children: ${before.children} -> ${after.children}`] : []),
    ...(after.timers > before.timers ? [`timers: ${before.timers} -> ${after.timers}`] : []),
    ...(heapSlope > steepest ? [`the heap grows by ${heapSlope} bytes for each cycle`] : []),
  ];
}
