import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from '../machine.ts';
import { nodeCommand, startNode } from '../processes.ts';
import type { RunningProcess } from '../processes.ts';
import { writeSection } from '../write-section.ts';
import { enter, IN_FLIGHT, RESULT_BYTES, TOOLS } from './contender.ts';
import type { Contender } from './contender.ts';
import { entrantsFor } from './entrants.ts';
import { figuresOf } from './figures.ts';
import { judge } from './judge.ts';
import type { Upstream } from './rivals.ts';
import { runCourse } from './rounds.ts';
import type { Dropped, Plan } from './rounds.ts';
import { comparisonTable, verdictTable } from './table.ts';
import type { Comparison } from './table.ts';

const HELP = `Hostler beside other gateways of its kind, in the same run on the same core. They are fetched with npm, in exact
versions (bench/src/peers/rivals.ts), into a folder below the temporary one; who does not install or start is told.

pnpm -s bench:peers [options]
  --only http|stdio     one kind of upstream; default both
  --match text          only the rivals whose name contains it
  --rounds 7            all in turn, and back, so often
  --seconds 1.5         of load on each in a round, 32 calls in flight, results of 200 bytes
  --cli file            a built CLI of Hostler; default its sources, which costs it time and memory at the start
  --json                figures for programs
  --judge               exit 1 if Hostler has not 4 times the throughput of the best over HTTP and 1.5 times over stdio,
                        or not less memory than the smallest
  --write               put the tables into docs/performance.md
  --help

Gateways run on one core, client and servers on the other. Over HTTP there is one server behind all; over stdio each
gateway starts its own, whose CPU and memory are not counted as the gateway's. It ends within 8 minutes, with fewer
rounds when the machine is too slow for all of them; --judge wants five.`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    match: { type: 'string', default: '' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '1.5' },
    cli: { type: 'string' },
    json: { type: 'boolean', default: false },
    judge: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const LOAD_CORE = availableParallelism() > 1 ? 1 : 0;
/** No round is begun later: with the last round and the ends of all processes it stays below 8 minutes. */
const LONGEST_MS = 6.8 * 60_000;

async function compare(kind: Upstream['kind'], plan: Plan, end: number): Promise<Comparison> {
  const directory = mkdtempSync(join(tmpdir(), 'hostler-peers-'));
  const contenders: Contender[] = [];
  const dropped: Dropped[] = [];
  const server = kind === 'http' ? startNode(echo('http'), LOAD_CORE) : undefined;
  try {
    const upstream = await upstreamOf(server);
    for (const [index, entrant] of entrantsFor(kind, options.cli && resolve(options.cli)).entries()) {
      if (!entrant.isHostler && !entrant.name.includes(options.match)) continue;
      try {
        const ground = { upstream, directory: join(directory, String(index)), loadCore: LOAD_CORE };
        contenders.push(await enter(entrant, ground));
      } catch (error) {
        if (entrant.isHostler) throw error;
        dropped.push({ name: entrant.name, reason: (error as Error).message.trim().slice(0, 300) });
      }
    }
    const course = { plan, end, ...(server !== undefined && { serverPid: server.pid }) };
    const { outcomes, dropped: failed } = await runCourse(contenders, course);
    return { kind, figures: outcomes.map(figuresOf), dropped: [...dropped, ...failed] };
  } finally {
    for (const contender of contenders) await contender.stop();
    await server?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function upstreamOf(server: RunningProcess | undefined): Promise<Upstream> {
  if (server === undefined) return { kind: 'stdio', command: nodeCommand(echo('stdio'), LOAD_CORE) };
  return { kind: 'http', url: (JSON.parse(await server.line()) as { readonly url: string }).url };
}

function echo(kind: Upstream['kind']): string[] {
  return [fileURLToPath(new URL(`../echo-${kind}.ts`, import.meta.url)), String(RESULT_BYTES), String(TOOLS)];
}

function numberOf(name: 'rounds' | 'seconds'): number {
  const value = Number(options[name]);
  if (!(value > 0)) throw new Error(`--${name}: a number above 0 is expected`);
  return value;
}

function kindsAskedFor(): readonly Upstream['kind'][] {
  if (options.only === undefined) return ['http', 'stdio'];
  if (options.only === 'http' || options.only === 'stdio') return [options.only];
  throw new Error('--only: expected http or stdio');
}

async function run(): Promise<void> {
  const kinds = kindsAskedFor();
  const seconds = numberOf('seconds');
  const rounds = Math.ceil(numberOf('rounds'));
  const plan = { inFlight: IN_FLIGHT, rounds, seconds };
  const start = Date.now();
  const machine = describeMachine();
  const comparisons: Comparison[] = [];
  if (!options.json) console.log(`${machineLine(machine)}\n`);
  for (const [index, kind] of kinds.entries()) {
    const end = start + (LONGEST_MS * (index + 1)) / kinds.length;
    const comparison = await compare(kind, plan, end);
    comparisons.push(comparison);
    if (!options.json) console.log(`${comparisonTable(comparison)}\n`);
  }
  const verdicts = comparisons.flatMap(({ kind, figures }) => judge(kind, figures));
  console.log(options.json ? JSON.stringify({ machine, comparisons, verdicts }, undefined, 2) : verdictTable(verdicts));
  if (options.write) {
    const tables = [...comparisons.map(comparisonTable), verdictTable(verdicts)];
    writeSection('peers', [...tables, machineLine(machine)].join('\n\n'));
  }
  if (options.judge && verdicts.some(({ isMet }) => !isMet)) process.exitCode = 1;
}

if (options.help) console.log(HELP);
else await run();
