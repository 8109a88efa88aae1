// `pnpm bench [--json] [--seconds 2] [--rounds 3] [--only http|stdio] [--era legacy|modern] [--max-ratio 2.0]`
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cpuMicroseconds, pinned, startNode } from './processes.ts';
import type { RunningProcess } from './processes.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    era: { type: 'string', default: 'legacy' },
    'max-ratio': { type: 'string' },
  },
});

const TARGET_CORE = 0;
const LOAD_CORE = cpus().length > 1 ? 1 : 0;
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const cli = here('../../apps/cli/src/main.ts');

interface Target {
  readonly name: 'direct' | 'baseline' | 'hostler';
  readonly url: string;
  /** The process whose CPU time is measured; absent for a direct call. */
  readonly process?: RunningProcess;
}

interface Figures {
  readonly throughput: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
}

interface Row {
  readonly upstream: string;
  readonly era: string;
  readonly bytes: number;
  readonly inFlight: number;
  readonly target: string;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosecondsPerCall: number | null;
  readonly ratioToBaseline: number | null;
}

async function urlOf(process: RunningProcess): Promise<string> {
  return (JSON.parse(await process.line()) as { url: string }).url;
}

async function startHostler(server: object, directory: string): Promise<Target> {
  const config = join(directory, 'hostler.json');
  writeFileSync(config, JSON.stringify({ servers: { echo: server } }));
  const process = startNode(['--conditions=@hostler/source', cli, 'run', config, '--port', '0', '--json'], TARGET_CORE);
  const base = await urlOf(process);
  return { name: 'hostler', url: new URL('/servers/echo/mcp', base).href, process };
}

async function withTargets(upstream: string, bytes: number, use: (targets: Target[]) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'hostler-bench-'));
  const running: RunningProcess[] = [];
  const targets: Target[] = [];
  try {
    if (upstream === 'http') {
      const echo = startNode([here('echo-http.ts'), String(bytes)], LOAD_CORE);
      running.push(echo);
      const url = await urlOf(echo);
      const proxy = startNode([here('byte-proxy.ts'), url], TARGET_CORE);
      running.push(proxy);
      targets.push({ name: 'direct', url }, { name: 'baseline', url: await urlOf(proxy), process: proxy });
      targets.push(await startHostler({ url }, directory));
    } else {
      const command = [process.execPath, here('echo-stdio.ts'), String(bytes)];
      const bridge = startNode([here('stdio-bridge.ts'), ...command], TARGET_CORE);
      running.push(bridge);
      targets.push({ name: 'baseline', url: await urlOf(bridge), process: bridge });
      targets.push(await startHostler({ command: command[0], args: command.slice(1) }, directory));
    }
    await use(targets);
  } finally {
    for (const target of targets) await target.process?.stop();
    for (const process of running) await process.stop();
    rmSync(directory, { recursive: true });
  }
}

async function measure(target: Target, era: string, inFlight: number): Promise<Figures> {
  const load = startNode([here('load.ts'), target.url, era, String(inFlight), options.seconds, 'echo'], LOAD_CORE);
  await load.line();
  const before = target.process ? cpuMicroseconds(target.process.pid) : Number.NaN;
  const line = await load.line();
  const after = target.process ? cpuMicroseconds(target.process.pid) : Number.NaN;
  const result = JSON.parse(line) as { calls: number; seconds: number; p50: number; p99: number };
  await load.stop();
  return {
    throughput: result.calls / result.seconds,
    p50: result.p50,
    p99: result.p99,
    cpu: (after - before) / result.calls,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** All targets in turn, several rounds: what disturbs the machine disturbs them alike. */
async function scenario(upstream: string, bytes: number, inFlight: number, targets: readonly Target[]): Promise<Row[]> {
  const samples = new Map<Target, Figures[]>(targets.map((target) => [target, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const target of targets) samples.get(target)?.push(await measure(target, options.era, inFlight));
  }
  const medians = targets.map((target) => {
    const figures = samples.get(target) ?? [];
    const of = (key: keyof Figures): number => median(figures.map((figure) => figure[key]));
    return { target, throughput: of('throughput'), p50: of('p50'), p99: of('p99'), cpu: of('cpu') };
  });
  const baseline = medians.find(({ target }) => target.name === 'baseline')?.cpu ?? Number.NaN;
  return medians.map(({ target, throughput, p50, p99, cpu }) => ({
    upstream,
    era: options.era,
    bytes,
    inFlight,
    target: target.name === 'baseline' ? (upstream === 'http' ? 'byte proxy' : 'bare bridge') : target.name,
    callsPerSecond: Math.round(throughput),
    p50Ms: round(p50, 3),
    p99Ms: round(p99, 3),
    cpuMicrosecondsPerCall: Number.isNaN(cpu) ? null : round(cpu, 1),
    ratioToBaseline: Number.isNaN(cpu) ? null : round(cpu / baseline, 2),
  }));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const rows: Row[] = [];
if (!options.json) {
  console.log(
    `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${pinned ? 'pinned to cores' : 'not pinned'}, ${options.era} era`,
  );
  console.log('upstream  bytes  in flight  target        calls/s   p50 ms   p99 ms  CPU µs/call  ratio');
}
for (const upstream of ['http', 'stdio'].filter((name) => options.only === undefined || options.only === name)) {
  for (const bytes of [200, 10_240]) {
    await withTargets(upstream, bytes, async (targets) => {
      for (const inFlight of [1, 32]) {
        for (const row of await scenario(upstream, bytes, inFlight, targets)) {
          rows.push(row);
          if (!options.json) printRow(row);
        }
      }
    });
  }
}
if (options.json) console.log(JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, pinned, rows }, null, 2));

const limit = Number(options['max-ratio'] ?? Number.POSITIVE_INFINITY);
const judged = rows.find(
  ({ upstream, target, inFlight, bytes }) =>
    upstream === 'http' && target === 'hostler' && inFlight === 32 && bytes === 200,
);
if (judged?.ratioToBaseline != null && judged.ratioToBaseline > limit) {
  console.error(
    `HTTP upstream, 200 bytes, 32 in flight: ${judged.ratioToBaseline} times the byte proxy, at most ${limit} is allowed`,
  );
  process.exitCode = 1;
}

function printRow(row: Row): void {
  const cells = [
    row.upstream.padEnd(8),
    String(row.bytes).padStart(6),
    String(row.inFlight).padStart(10),
    ` ${row.target.padEnd(12)}`,
    String(row.callsPerSecond).padStart(8),
    row.p50Ms.toFixed(3).padStart(8),
    row.p99Ms.toFixed(3).padStart(8),
    (row.cpuMicrosecondsPerCall?.toFixed(1) ?? '–').padStart(12),
    (row.ratioToBaseline?.toFixed(2) ?? '–').padStart(6),
  ];
  console.log(cells.join(' '));
}
