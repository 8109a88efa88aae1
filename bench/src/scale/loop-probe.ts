// Preloaded into the process that is measured: at SIGUSR2 it writes how long its event loop stood still since the last time.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Probed {
  /** One more each time. */
  readonly turn: number;
  /** Milliseconds of the longest block. */
  readonly longest: number;
  readonly rss: number;
  readonly heapUsed: number;
}

const file = process.env['HOSTLER_BENCH_PROBE'];
const RESOLUTION = 2;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
let turn = 0;

function write(): void {
  const { rss, heapUsed } = process.memoryUsage();
  const probed: Probed = { turn: ++turn, longest: Math.max(0, delay.max / 1e6 - RESOLUTION), rss, heapUsed };
  delay.reset();
  if (file !== undefined) writeFileSync(file, JSON.stringify(probed));
}

delay.enable();
process.on('SIGUSR2', write);
