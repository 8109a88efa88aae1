import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuMicroseconds } from '../process-usage.ts';
import { startNode } from '../processes.ts';
import type { RunningProcess } from '../processes.ts';
import type { Order } from './crowd-order.ts';
import type { Probed } from './loop-probe.ts';
import { configurationOf } from './population.ts';
import type { Population } from './population.ts';

export const TARGET_CORE = 0;
export const LOAD_CORE = cpus().length > 1 ? 1 : 0;

/** What stands before many servers, and the clients that use it. */
export interface Crowded {
  readonly program: 'Hostler' | 'byte proxy';
  readonly population: Population;
  order<Answer>(order: Order): Promise<Answer>;
  /** Microseconds since its start. */
  cpu(): number;
  stop(): Promise<void>;
}

/** A host with many servers and consumers. */
export interface CrowdedHost extends Crowded {
  /** From the start of the process to all servers up. */
  readonly readyMs: number;
  readonly readyCpuMs: number;
  /** Memory now, and the longest block of its event loop since the last time. */
  probe(): Promise<Probed>;
}

export interface CrowdedHostOptions {
  /** Where the servers are. */
  readonly url: string;
  readonly population: Population;
}

export async function startCrowdedHost({ url, population }: CrowdedHostOptions): Promise<CrowdedHost> {
  const directory = mkdtempSync(join(tmpdir(), 'hostler-scale-'));
  const configuration = join(directory, 'hostler.json');
  const probeFile = join(directory, 'probe.json');
  writeFileSync(configuration, configurationOf(population, url));
  process.env['XDG_STATE_HOME'] = directory;
  process.env['HOSTLER_BENCH_PROBE'] = probeFile;
  const started = performance.now();
  const options = ['--conditions=@hostler/source', '--import', here('loop-probe.ts'), ...profiling()];
  const host = startNode([...options, CLI, 'run', configuration, '--port', '0', '--json'], TARGET_CORE);
  const ready = JSON.parse(await host.line()) as { readonly url: string; readonly servers: readonly Started[] };
  const readyMs = performance.now() - started;
  const readyCpuMs = (cpuMicroseconds(host.pid) ?? Number.NaN) / 1000;
  const missing = ready.servers.filter(({ status }) => status !== 'up').length;
  if (missing > 0) throw new Error(`${missing} of ${population.servers} servers are not up`);
  const crowd = startNode([here('crowd.ts'), ready.url, JSON.stringify(population)], LOAD_CORE);
  let turn = 0;
  return {
    program: 'Hostler',
    population,
    readyMs,
    readyCpuMs,
    order: async (order) => JSON.parse(await crowd.line(JSON.stringify(order))) as never,
    cpu: () => cpuMicroseconds(host.pid) ?? Number.NaN,
    probe: () => probeOf(host, probeFile, ++turn),
    async stop() {
      await crowd.stop();
      await host.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

interface Started {
  readonly status: string;
}

async function probeOf({ pid }: RunningProcess, file: string, turn: number): Promise<Probed> {
  process.kill(pid, 'SIGUSR2');
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const probed = readProbe(file);
    if (probed?.turn === turn) return probed;
  }
}

/** Undefined before the first one, and while it is being written. */
function readProbe(file: string): Probed | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Probed;
  } catch {
    return undefined;
  }
}

/** `HOSTLER_BENCH_PROFILE` names the folder for CPU profiles of the hosts. */
function profiling(): readonly string[] {
  const folder = process.env['HOSTLER_BENCH_PROFILE'];
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

const CLI = here('../../../apps/cli/src/main.ts');
