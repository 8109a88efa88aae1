import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Run } from './load.ts';
import { cpuMicroseconds, pinned } from './processes.ts';
import { withTargets } from './targets.ts';
import type { Target } from './targets.ts';

const HELP = `What one call through Hostler costs, beside the least that could do it:
  http   a reverse proxy that moves bytes and knows nothing of MCP (bench/src/byte-proxy.ts)
  stdio  a bridge that only parses, renumbers and passes on (bench/src/stdio-bridge.ts)

pnpm -s bench [options]
  --only http|stdio        one kind of upstream; default both
  --era legacy|modern      of client and upstream; default legacy
  --in-flight 1,32         calls at a time
  --bytes 200,10240        sizes of the result
  --secrets 0              that Hostler holds and searches every message for
  --rounds 30              every target in turn, so often
  --seconds 0.4            of load on a target in a round
  --json                   figures for programs
  --max-ratio 2            exit 1 if the median ratio of any row with 32 in flight is above
  --help

Each target runs on one core, load and servers on the other. CPU is that of the process with all its threads, from
/proc. A ratio is that of Hostler to the baseline in the same round; shown is the median of the rounds and, in brackets,
the lowest and the highest. A call that fails, or that reaches the server in another era, ends the run.`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    era: { type: 'string', default: 'legacy' },
    'in-flight': { type: 'string', default: '1,32' },
    bytes: { type: 'string', default: '200,10240' },
    secrets: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '0.4' },
    json: { type: 'boolean', default: false },
    'max-ratio': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

interface Sample extends Run {
  /** Microseconds per call. */
  readonly cpu: number | undefined;
}

interface Row {
  readonly upstream: string;
  readonly era: string;
  readonly bytes: number;
  readonly inFlight: number;
  readonly target: Target['name'];
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicroseconds?: number;
  /** To the baseline; lowest, median and highest of the rounds. */
  readonly ratio?: readonly [number, number, number];
}

async function measure({ load, pid }: Target, inFlight: number, seconds: number): Promise<Sample> {
  const before = pid === undefined ? undefined : cpuMicroseconds(pid);
  const run = JSON.parse(await load.line(`${inFlight} ${seconds}`)) as Run;
  const after = pid === undefined ? undefined : cpuMicroseconds(pid);
  return { ...run, cpu: before === undefined || after === undefined ? undefined : (after - before) / run.calls };
}

/** Calls after which every path is compiled, and the longest time in seconds that is waited for them. */
const WARM_CALLS = 60_000;
const LONGEST_WARM_UP = 30;

/** By calls, not by time: on a busy machine the compiler takes its time as well, and its work counts as the target's. */
async function warmUp(target: Target): Promise<void> {
  let calls = 0;
  for (let second = 0; second < LONGEST_WARM_UP && calls < WARM_CALLS; second++) {
    calls += (await measure(target, 32, 1)).calls;
  }
}

/** All targets in turn, and back, several rounds: what disturbs the machine disturbs them alike. */
async function compare(targets: readonly Target[], inFlight: number): Promise<Map<Target, Sample[]>> {
  const samples = new Map<Target, Sample[]>(targets.map((target) => [target, []]));
  for (let round = 0; round < numberOf('rounds'); round++) {
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      samples.get(target)?.push(await measure(target, inFlight, numberOf('seconds')));
    }
  }
  return samples;
}

function rowsOf(samples: ReadonlyMap<Target, readonly Sample[]>, facts: Pick<Row, 'upstream' | 'bytes' | 'inFlight'>) {
  const baseline = [...samples].find(([{ name }]) => name === 'byte proxy' || name === 'bare bridge')?.[1] ?? [];
  return [...samples].map(([{ name }, own]): Row => {
    const of = (read: (sample: Sample) => number): number => middle(own.map(read))[1];
    const cpus = own.flatMap(({ cpu }) => cpu ?? []);
    const ratios = own.map(({ cpu }, round) => (cpu ?? Number.NaN) / (baseline[round]?.cpu ?? Number.NaN));
    return {
      ...facts,
      era: options.era,
      target: name,
      callsPerSecond: of(({ calls, seconds }) => calls / seconds),
      p50Ms: of(({ p50 }) => p50),
      p99Ms: of(({ p99 }) => p99),
      ...(cpus.length > 0 && { cpuMicroseconds: middle(cpus)[1], ratio: middle(ratios) }),
    };
  });
}

/** The lowest, the median and the highest. */
function middle(values: readonly number[]): [number, number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half)] ?? Number.NaN)) / 2;
  return [sorted[0] ?? Number.NaN, median, sorted.at(-1) ?? Number.NaN];
}

function print(row: Row): void {
  const [low, median, high] = (row.ratio ?? []).map((ratio) => ratio.toFixed(2));
  const cells = [
    row.upstream.padEnd(8),
    String(row.bytes).padStart(6),
    String(row.inFlight).padStart(10),
    ` ${row.target.padEnd(12)}`,
    row.callsPerSecond.toFixed(0).padStart(8),
    row.p50Ms.toFixed(3).padStart(8),
    row.p99Ms.toFixed(3).padStart(8),
    (row.cpuMicroseconds?.toFixed(1) ?? '–').padStart(12),
    (row.target === 'hostler' && median !== undefined ? ` ${median} (${low}–${high})` : '').padStart(6),
  ];
  console.log(cells.join(' '));
}

/** @returns what is above the limit, or could not be judged. */
function judge(rows: readonly Row[], limit: number): string[] {
  const judged = rows.filter(({ target, inFlight }) => target === 'hostler' && inFlight === 32);
  if (judged.length === 0) return ['--max-ratio: no row with 32 in flight was measured'];
  return judged.flatMap(({ upstream, bytes, ratio: [, median] = [0, Number.NaN, 0] }) => {
    if (median <= limit) return [];
    return `${upstream}, ${bytes} bytes, 32 in flight: ${median.toFixed(2)} times the baseline; at most ${limit} is allowed`;
  });
}

function numberOf(name: 'rounds' | 'seconds' | 'secrets' | 'max-ratio'): number {
  const value = Number(options[name]);
  if (!(value > 0)) throw new Error(`--${name}: a number above 0 is expected`);
  return value;
}

function listOf(text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.every((value) => Number.isSafeInteger(value) && value > 0)) return values;
  throw new Error(`"${text}": whole numbers separated by commas are expected`);
}

function oneOf(name: 'only' | 'era', allowed: readonly string[]): readonly string[] {
  const value = options[name];
  if (value === undefined || allowed.includes(value)) return value === undefined ? allowed : [value];
  throw new Error(`--${name}: expected ${allowed.join(' or ')}`);
}

async function run(): Promise<void> {
  const upstreams = oneOf('only', ['http', 'stdio']);
  const limit = options['max-ratio'] === undefined ? undefined : numberOf('max-ratio');
  const [era = ''] = oneOf('era', ['legacy', 'modern']);
  const machine = { node: process.version, cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`, pinned };
  if (!options.json) {
    console.log(`node ${machine.node}, ${machine.cpu}, ${pinned ? 'pinned to cores' : 'not pinned'}, ${era} era`);
    console.log(
      'upstream  bytes  in flight  target        calls/s   p50 ms   p99 ms  CPU µs/call  ratio (lowest–highest)',
    );
  }
  const rows: Row[] = [];
  for (const upstream of upstreams) {
    for (const bytes of listOf(options.bytes)) {
      await withTargets(
        { upstream, era, bytes, secrets: options.secrets === '0' ? 0 : numberOf('secrets') },
        async (targets) => {
          for (const target of targets) await warmUp(target);
          for (const inFlight of listOf(options['in-flight'])) {
            const added = rowsOf(await compare(targets, inFlight), { upstream, bytes, inFlight });
            rows.push(...added);
            if (!options.json) added.forEach(print);
          }
        },
      );
    }
  }
  if (options.json) console.log(JSON.stringify({ ...machine, rows }, undefined, 2));
  for (const problem of limit === undefined ? [] : judge(rows, limit)) {
    console.error(problem);
    process.exitCode = 1;
  }
}

if (options.help) console.log(HELP);
else await run();
