// What many large results at once cost in memory: `node bench/src/large/main.ts [--judge] [--write] [--json]`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeDeployedConfig } from '../hostler-config.ts';
import { describeMachine, machineLine } from '../machine.ts';
import { cpuOfAll, forgetPeak, ownProcesses, peakMiB } from '../process-usage.ts';
import { startNode } from '../processes.ts';
import type { RunningProcess } from '../processes.ts';
import { LOAD_CORE, TARGET_CORE } from '../targets.ts';
import { writeSection } from '../write-section.ts';

const CALLS = 200;
const BYTES = 10_000_000;
const GOAL_MIB = 300;
/** Of the clients, how many read slowly. */
const SLOW = [0, 50];

interface Figure {
  readonly target: 'byte proxy' | 'deployed';
  readonly slow: number;
  readonly peakMiB: number | undefined;
  readonly seconds: number;
  readonly cpuMilliseconds: number | undefined;
}

function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

async function readLine<Line>(process: RunningProcess, command?: string): Promise<Line> {
  return JSON.parse(await process.line(command)) as Line;
}

async function addressOf(process: RunningProcess): Promise<string> {
  for (;;) {
    const { url } = await readLine<{ url?: string }>(process);
    if (url !== undefined) return url;
  }
}

interface Place {
  readonly target: Figure['target'];
  readonly url: string;
  readonly pid: number;
  readonly tool: string;
  readonly key: string;
}

async function measure({ target, url, pid, tool, key }: Place, slow: number): Promise<Figure> {
  const client = startNode([here('client.ts'), url, tool, key, String(CALLS), String(slow), String(BYTES)], LOAD_CORE);
  try {
    await readLine(client);
    const pids = ownProcesses(pid);
    forgetPeak(pids);
    const before = cpuOfAll(pids);
    const { seconds } = await readLine<{ seconds: number }>(client, 'go');
    const after = cpuOfAll(pids);
    const cpuMilliseconds = before === undefined || after === undefined ? undefined : (after - before) / 1_000 / CALLS;
    return { target, slow, peakMiB: peakMiB(pids), seconds, cpuMilliseconds };
  } finally {
    await client.stop();
  }
}

async function measureAll(): Promise<Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'hostler-bench-large-'));
  const running: RunningProcess[] = [];
  const own = (process: RunningProcess): RunningProcess => {
    running.push(process);
    return process;
  };
  try {
    const url = await addressOf(own(startNode([here('../echo-http.ts'), '200', '200'], LOAD_CORE)));
    const proxy = own(startNode([here('../byte-proxy.ts'), url], TARGET_CORE));
    const config = writeDeployedConfig(directory, { url });
    const program = here('../../../apps/cli/src/main.ts');
    const run = ['--conditions=@hostler/source', program, 'run', config.file, '--port', '0', '--json'];
    const hostler = own(startNode(run, TARGET_CORE));
    const { tool, key = '' } = config;
    const places: Place[] = [
      { target: 'byte proxy', url: await addressOf(proxy), pid: proxy.pid, tool: 'echo', key: '' },
      { target: 'deployed', url: new URL(config.path, await addressOf(hostler)).href, pid: hostler.pid, tool, key },
    ];
    const figures: Figure[] = [];
    for (const slow of SLOW) for (const place of places) figures.push(await measure(place, slow));
    return figures;
  } finally {
    for (const process of running.toReversed()) await process.stop();
    rmSync(directory, { recursive: true, maxRetries: 3 });
  }
}

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ target, slow, peakMiB: peak, seconds, cpuMilliseconds }) =>
    [target, slow, peak?.toFixed(0) ?? '', seconds.toFixed(1), cpuMilliseconds?.toFixed(1) ?? ''].join(' | '),
  );
  const head = [
    'target | slow readers | peak memory, MiB | seconds for all | CPU of a call, ms',
    '---|---|---|---|---',
  ];
  return [...head, ...rows].map((row) => `| ${row} |`).join('\n');
}

const { values: options } = parseArgs({
  options: { judge: { type: 'boolean' }, write: { type: 'boolean' }, json: { type: 'boolean' } },
});
const figures = await measureAll();
const machine = describeMachine();
const title = `${CALLS} calls at once, each with a result of ${BYTES / 1_000_000} MB:`;
if (options.json === true) console.log(JSON.stringify({ ...machine, figures }, undefined, 2));
else console.log(`${machineLine(machine)}\n\n${title}\n\n${tableOf(figures)}`);
if (options.write === true) writeSection('large', [machineLine(machine), title, tableOf(figures)].join('\n\n'));
if (options.judge === true) {
  for (const { target, slow, peakMiB: peak } of figures) {
    if (target !== 'deployed' || peak === undefined || peak < GOAL_MIB) continue;
    console.error(`missed: ${peak.toFixed(0)} MiB with ${slow} slow readers; the goal is less than ${GOAL_MIB}`);
    process.exitCode = 1;
  }
}
