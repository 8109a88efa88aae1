import type { PeerRun } from './peer-load.ts';

export interface Sample extends PeerRun {
  readonly gatewayMicroseconds: number;
  readonly serverMicroseconds: number;
}

/** All that was measured of one gateway. */
export interface Outcome {
  readonly name: string;
  readonly isHostler: boolean;
  readonly readyMs: number;
  readonly readyMiB: number;
  readonly peakMiB: number | undefined;
  readonly calls: readonly Sample[];
  readonly lists: readonly Sample[];
}

/** Medians of the rounds. */
export interface Figures {
  readonly name: string;
  readonly isHostler: boolean;
  readonly callsPerSecond: number;
  /** Of the gateway, per call. */
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly peakMiB: number;
  readonly readyMs: number;
  readonly readyMiB: number;
  readonly rounds: number;
  readonly listMicroseconds: number;
  /** Shares of a core in use. */
  readonly gatewayShare: number;
  readonly clientShare: number;
  readonly serverShare: number;
}

export function figuresOf(outcome: Outcome): Figures {
  const { name, isHostler, readyMs, readyMiB, calls, lists } = outcome;
  const of = (samples: readonly Sample[], read: (sample: Sample) => number): number => median(samples.map(read));
  const share = (read: (sample: Sample) => number): number => of(calls, (each) => read(each) / (each.seconds * 1e6));
  return {
    name,
    isHostler,
    readyMs,
    readyMiB,
    rounds: calls.length,
    peakMiB: outcome.peakMiB ?? Number.NaN,
    callsPerSecond: of(calls, (each) => each.calls / each.seconds),
    cpuMicroseconds: of(calls, (each) => each.gatewayMicroseconds / each.calls),
    p50Ms: of(calls, ({ p50 }) => p50),
    listMicroseconds: of(lists, (each) => each.gatewayMicroseconds / each.calls),
    gatewayShare: share(({ gatewayMicroseconds }) => gatewayMicroseconds),
    clientShare: share(({ clientMicroseconds }) => clientMicroseconds),
    serverShare: share(({ serverMicroseconds }) => serverMicroseconds),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half)] ?? Number.NaN)) / 2;
}

export type Limit = 'gateway' | 'load' | 'neither';

const FULL = 0.9;

/**
 * Whose core was full. With `load`, the gateway could have done more calls than client and server gave it. With `neither`,
 * somebody waits, or other programs have the machine: then calls per second tell little and CPU per call tells more.
 */
export function limitOf({ gatewayShare, clientShare, serverShare }: Figures): Limit {
  if (clientShare + serverShare >= FULL) return 'load';
  return gatewayShare >= FULL ? 'gateway' : 'neither';
}
