import { parseArgs } from 'node:util';
import { ERAS, TARGETS, UPSTREAMS } from './cell.ts';
import type { Cell, Era, TargetName, Upstream } from './cell.ts';
import { isJudged } from './goals.ts';
import type { Effort, WarmUp } from './measure.ts';

export const HELP = `What one call through Hostler costs, beside the least that could do it.

pnpm -s bench [options]
What is measured:
  --target off,deployed    direct      no proxy at all
                           nginx       as a reverse proxy, where /usr/sbin/nginx exists
                           off         Hostler with everything off
                           deployed    Hostler with keys, a view of 200 tools, limits, audit to files, 50 secrets
                           and always the baseline that ratios are to: of http and sse a byte proxy
                           (bench/src/byte-proxy.ts), of stdio a bare bridge (bench/src/stdio-bridge.ts)
                           Default: all of them.
  --upstream http,stdio    what stands behind: http (answers in JSON), sse (answers as event streams), stdio
  --era legacy             legacy, modern
  --bytes 200              sizes of the result
  --in-flight 1,32         calls at a time
  --rounds 11              every target in turn, so often
  --seconds 0.4            of load on a target in a round
  --warm-calls 60000       of every target before it is measured

Choices of those:
  --full                   everything, most rounds for what has a goal; 15 minutes or less
  --judge                  what has a goal (bench/src/goals.ts); exit 1 when one is missed
  --smoke                  what is recorded in bench/recorded.json; exit 1 when a ratio is 25 % above; below a minute
  --compare <git ref>      the same program of another commit as another target in the same run;
                           exit 1 when CPU per call is more than 10 % above, and not by chance

What comes of it:
  --write                  into docs/performance.md, with the machine and the versions
  --record                 into bench/recorded.json, with --smoke
  --json                   figures for programs, on standard output
  --cpu-prof <folder>      CPU profiles of every Hostler, written when it ends
  --help

Each target runs on one core, load and servers on the other, where taskset exists. "awake" is measured while cores are
kept from falling asleep (/dev/cpu_dma_latency), which only root may ask for. CPU is that of the process with all its
threads and processes, without the servers behind, from /proc. A ratio is to the baseline in the same round: the median of
the rounds and, in brackets, between which values half of them lie. "client" is the share of its time in which the client
had a core: near 100 % minus what the server behind takes, it is the client that limits calls/s. A call that fails, or
whose answer is another one's or of another era, ends the run.`;

export interface Plan {
  readonly cells: readonly (Cell & Effort)[];
  /** In each rig, in the order in which they take turns. */
  readonly targets: Readonly<Record<Upstream, readonly TargetName[]>>;
  readonly warmUp: WarmUp;
}

export interface BenchOptions extends Plan {
  readonly help: boolean;
  readonly isJudged: boolean;
  readonly isSmoke: boolean;
  readonly compare?: string;
  readonly profiles?: string;
  readonly writes: boolean;
  readonly records: boolean;
  readonly json: boolean;
}

type Texts = Readonly<Record<string, string | boolean | undefined>>;

export function parseOptions(args: readonly string[]): BenchOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: text,
      upstream: text,
      era: text,
      bytes: text,
      'in-flight': text,
      rounds: text,
      seconds: text,
      'warm-calls': text,
      compare: text,
      'cpu-prof': text,
      full: flag,
      judge: flag,
      smoke: flag,
      write: flag,
      record: flag,
      json: flag,
      help: flag,
    },
  });
  const modes = (['full', 'judge', 'smoke', 'compare'] as const).filter((mode) => values[mode] !== undefined);
  if (modes.length > 1) throw new Error(`--${modes.join(' and --')} are not for one run`);
  if (values.record === true && values.smoke !== true) throw new Error('--record is for --smoke');
  return {
    ...(values.smoke === true ? smokePlan() : planOf(values)),
    help: values.help === true,
    isJudged: values.judge === true || values.full === true,
    isSmoke: values.smoke === true,
    ...(values.compare !== undefined && { compare: values.compare }),
    ...(values['cpu-prof'] !== undefined && { profiles: values['cpu-prof'] }),
    writes: values.write === true,
    records: values.record === true,
    json: values.json === true,
  };
}

function planOf(values: Texts): Plan {
  const effort: Effort = { rounds: numberOf(values, 'rounds', 11), seconds: numberOf(values, 'seconds', 0.4) };
  const warm: WarmUp = { calls: numberOf(values, 'warm-calls', 60_000), seconds: 30 };
  const isComparison = values['compare'] !== undefined;
  const targets = targetsOf(
    isComparison ? withOld(namesOf(values, 'target', HOSTLER, HOSTLER)) : namesOf(values, 'target', TARGETS, TARGETS),
  );
  if (values['full'] === true) {
    const hasEffort = values['rounds'] !== undefined || values['seconds'] !== undefined;
    const cells = hasEffort ? withEffort(everyCell(), effort) : everyCell().map(withOwnEffort);
    return { cells, targets, warmUp: warm };
  }
  if (values['judge'] === true)
    return { cells: withEffort(everyCell().filter(isCloselyLookedAt), effort), targets, warmUp: warm };
  const cells = product({
    upstreams: namesOf(values, 'upstream', UPSTREAMS, ['http', 'stdio']),
    eras: namesOf(values, 'era', ERAS, ['legacy']),
    bytes: numbersOf(values, 'bytes', [200]),
    inFlight: numbersOf(values, 'in-flight', isComparison ? [32] : [1, 32]),
  });
  return { cells: withEffort(cells, effort), targets, warmUp: warm };
}

/** Half a minute on a quiet machine. A path that is not compiled yet would be taken for a slow one, so it is waited for. */
function smokePlan(): Plan {
  const cells = [SMALL, { ...SMALL, bytes: 10_240 }, { ...SMALL, upstream: 'stdio' } as const];
  return {
    cells: withEffort(cells, { rounds: 9, seconds: 0.3 }),
    targets: { ...targetsOf(HOSTLER), stdio: ['bare bridge', 'off'] },
    warmUp: { calls: 15_000, seconds: 8 },
  };
}

const HOSTLER = ['off', 'deployed'] as const;

function withOld(names: readonly (typeof HOSTLER)[number][]): TargetName[] {
  return [...names, ...names.map((name) => `old ${name}` as const)];
}

const SMALL: Cell = { upstream: 'http', era: 'legacy', bytes: 200, inFlight: 32 };

function everyCell(): Cell[] {
  const cells = product({ upstreams: UPSTREAMS, eras: ERAS, bytes: [200, 10_240, 1_048_576], inFlight: [1, 32, 256] });
  return [...cells, { ...SMALL, inFlight: 1, isAwake: true }];
}

/** What has a goal, and what shows how much of a latency is the machine's. */
function isCloselyLookedAt(cell: Cell): boolean {
  return isJudged(cell) || cell.isAwake === true;
}

/** Of the others there are fewer rounds: everything together has to end in a quarter of an hour. */
function withOwnEffort(cell: Cell): Cell & Effort {
  return { ...cell, ...(isCloselyLookedAt(cell) ? { rounds: 15, seconds: 0.4 } : { rounds: 3, seconds: 0.2 }) };
}

function withEffort(cells: readonly Cell[], effort: Effort): (Cell & Effort)[] {
  return cells.map((cell) => ({ ...cell, ...effort }));
}

function product(axes: {
  readonly upstreams: readonly Upstream[];
  readonly eras: readonly Era[];
  readonly bytes: readonly number[];
  readonly inFlight: readonly number[];
}): Cell[] {
  return axes.upstreams.flatMap((upstream) =>
    axes.eras.flatMap((era) =>
      axes.bytes.flatMap((bytes) => axes.inFlight.map((inFlight) => ({ upstream, era, bytes, inFlight }))),
    ),
  );
}

/** Ratios are to the baseline, so it is always there. Over stdio nothing is called without a bridge, and nginx is none. */
function targetsOf(names: readonly TargetName[]): Plan['targets'] {
  const wanted = (allowed: readonly TargetName[], baseline: TargetName): TargetName[] =>
    allowed.filter((name) => names.includes(name) || name === baseline);
  const ours = ['off', 'deployed', 'old off', 'old deployed'] as const;
  const http = wanted(['direct', 'nginx', 'byte proxy', ...ours], 'byte proxy');
  return { http, sse: http, stdio: wanted(['bare bridge', ...ours], 'bare bridge') };
}

function numberOf(values: Texts, name: string, absent: number): number {
  const value = values[name] === undefined ? absent : Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name}: a number above 0 is expected`);
  return value;
}

function numbersOf(values: Texts, name: string, absent: readonly number[]): readonly number[] {
  const text = values[name];
  if (typeof text !== 'string') return absent;
  const numbers = text.split(',').map(Number);
  if (numbers.every((value) => Number.isSafeInteger(value) && value > 0)) return numbers;
  throw new Error(`--${name}: whole numbers above 0 are expected, separated by commas`);
}

function namesOf<T extends string>(
  values: Texts,
  name: string,
  known: readonly T[],
  absent: readonly T[],
): readonly T[] {
  const text = values[name];
  if (typeof text !== 'string') return absent;
  return text.split(',').map((part) => {
    const found = known.find((each) => each.replaceAll(' ', '-') === part.trim().replaceAll(' ', '-'));
    if (found !== undefined) return found;
    throw new Error(`--${name}: "${part}" is none of ${known.join(', ').replaceAll(' ', '-').replaceAll(',-', ', ')}`);
  });
}
