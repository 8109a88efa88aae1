import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeOffConfig } from '../hostler-config.ts';
import type { Run } from '../load.ts';
import { nodeCommand, startNode } from '../processes.ts';
import type { RunningProcess } from '../processes.ts';
import { cpuMicroseconds, ownProcesses } from '../process-usage.ts';

export interface WorkersRig {
  readonly upstream: 'http' | 'stdio';
  readonly era: 'modern' | 'legacy';
  /** Whether each process of the host can have a core. */
  readonly hasCores: boolean;
}

export interface WorkersCell extends WorkersRig {
  readonly one: Spending;
  readonly two: Spending;
}

/** One round, or the median one. */
export interface Spending {
  readonly callsPerSecond: number;
  /** Microseconds for a call, over all processes of the host. */
  readonly all: number;
  /** Of the process that spent the most: what bounds the throughput where each has a core. */
  readonly busiest: number;
  /** Of the first process, where there are workers beside it. */
  readonly owner: number;
  /** Of the work of the workers, the part of each. */
  readonly shares: readonly number[];
}

/** So that legacy sessions are spread: each client has one. */
const CLIENTS = 4;
const IN_FLIGHT = 8;

/** One worker, which is no other process, and two, in turn. */
export async function measureWorkers(
  rig: WorkersRig,
  effort: { readonly rounds: number; readonly seconds: number },
): Promise<WorkersCell> {
  const directory = mkdtempSync(join(tmpdir(), 'hostler-bench-'));
  const running: RunningProcess[] = [];
  const own = (process: RunningProcess): RunningProcess => {
    running.push(process);
    return process;
  };
  try {
    const echo = await startUpstream(rig, own);
    const hosts = [
      await startHost(1, { rig, echo, directory, own }),
      await startHost(2, { rig, echo, directory, own }),
    ];
    const samples = hosts.map((): Spending[] => []);
    for (const host of hosts) await load(host, effort.seconds);
    for (let round = 0; round < effort.rounds; round += 1) {
      for (const [index, host] of hosts.entries()) samples[index]?.push(await load(host, effort.seconds));
    }
    const [one = [], two = []] = samples;
    return { ...rig, one: median(one), two: median(two) };
  } finally {
    // Clients first: what they call must not be gone before them.
    for (const process of running.toReversed()) await process.stop();
    rmSync(directory, { recursive: true, maxRetries: 3 });
  }
}

interface Host {
  readonly pid: number;
  readonly clients: readonly RunningProcess[];
}

interface Parts {
  readonly rig: WorkersRig;
  readonly echo: object;
  readonly directory: string;
  readonly own: (process: RunningProcess) => RunningProcess;
}

const HOST_CORE = 0;
/** Of the clients and the servers behind. */
const OTHERS_CORE = cpus().length - 1;

async function startUpstream({ upstream }: WorkersRig, own: Parts['own']): Promise<object> {
  const program = here('../echo-stdio.ts');
  if (upstream === 'stdio') {
    const [command = '', ...args] = nodeCommand([program, '200', '1'], OTHERS_CORE);
    return { command, args };
  }
  return { url: (await urlOf(own(startNode([here('../echo-http.ts'), '200', '1', 'json'], OTHERS_CORE)))).href };
}

async function startHost(workers: number, { rig, echo, directory, own }: Parts): Promise<Host> {
  const { file, path, tool } = writeOffConfig(mkdtempSync(join(directory, 'hostler-')), echo);
  const run = ['--conditions=@hostler/source', CLI, 'run', file, '--port', '0', '--json', '--workers', String(workers)];
  // Where there are too few, all of the host shares one: a process that waits for work spends more on each call than one that
  // always has some, so that without this two workers would be charged for the cores that they lack.
  const host = own(startNode(run, rig.hasCores ? undefined : HOST_CORE));
  const url = new URL(path, await urlOf(host));
  const client = [here('../load.ts'), url.href, rig.era, tool];
  return { pid: host.pid, clients: Array.from({ length: CLIENTS }, () => own(startNode(client, OTHERS_CORE))) };
}

async function load({ pid, clients }: Host, seconds: number): Promise<Spending> {
  const pids = ownProcesses(pid);
  const before = pids.map((one) => cpuMicroseconds(one) ?? 0);
  const lines = await Promise.all(clients.map((client) => client.line(`${IN_FLIGHT} ${seconds} 200`)));
  const runs = lines.map((line) => JSON.parse(line) as Run);
  const calls = runs.reduce((sum, run) => sum + run.calls, 0);
  const spent = pids.map((one, index) => ((cpuMicroseconds(one) ?? 0) - (before[index] ?? 0)) / calls);
  const [owner = 0, ...others] = spent;
  // A keeper of child processes does nothing.
  const workers = others.filter((one) => one * calls > 1_000);
  const ofWorkers = workers.reduce((sum, one) => sum + one, 0);
  return {
    callsPerSecond: runs.reduce((sum, run) => sum + run.calls / run.seconds, 0),
    all: owner + ofWorkers,
    busiest: Math.max(owner, ...workers),
    owner,
    shares: workers.map((one) => one / ofWorkers),
  };
}

function median(samples: readonly Spending[]): Spending {
  const sorted = samples.toSorted((one, other) => one.busiest - other.busiest);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}

async function urlOf(process: RunningProcess): Promise<URL> {
  for (;;) {
    const { url } = JSON.parse(await process.line()) as { url?: string };
    if (url !== undefined) return new URL(url);
  }
}

function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

const CLI = here('../../../apps/cli/src/main.ts');
