import { keepAwake } from './awake.ts';
import { changesOf } from './change.ts';
import type { Change } from './change.ts';
import { cellName } from './cell.ts';
import type { Rig } from './cell.ts';
import { withOldProgram } from './old-program.ts';
import { judge } from './goals.ts';
import { describeMachine, machineLine } from './machine.ts';
import { measureCell, warmUp } from './measure.ts';
import type { Measured } from './measure.ts';
import { HELP, parseOptions } from './options.ts';
import type { BenchOptions } from './options.ts';
import { grown, readRecords, recordedFrom, recordedOn, writeRecorded } from './recorded.ts';
import { cellTable, changeTable, figureTables, goalTable } from './report.ts';
import { rowsOf } from './row.ts';
import { withTargets } from './targets.ts';
import { writeSection } from './write-section.ts';

async function measureAll(options: BenchOptions, signal: AbortSignal, oldProgram?: string): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const rig of rigsOf(options)) {
    const cells = options.cells.filter(({ upstream, era }) => upstream === rig.upstream && era === rig.era);
    const { profiles } = options;
    const parts = { ...(oldProgram !== undefined && { oldProgram }), ...(profiles !== undefined && { profiles }) };
    await withTargets({ ...rig, targets: options.targets[rig.upstream], signal, ...parts }, async (targets) => {
      for (const target of targets) await warmUp(target, options.warmUp);
      for (const { rounds, seconds, ...cell } of cells) {
        const letSleep = cell.isAwake === true ? keepAwake() : undefined;
        // The same is measured asleep, and that is what has a goal.
        if (cell.isAwake === true && letSleep === undefined) continue;
        const result = await measureCell(targets, cell, { rounds, seconds }).finally(letSleep);
        measured.push(result);
        if (!options.json) console.log(`\n${cellName(cell)}\n${cellTable(rowsOf(result))}`);
      }
    });
  }
  return measured;
}

function rigsOf({ cells }: BenchOptions): Rig[] {
  const rigs = new Map(cells.map(({ upstream, era }) => [`${upstream} ${era}`, { upstream, era }]));
  return [...rigs.values()];
}

/** @returns what is wrong. */
function report(options: BenchOptions, measured: readonly Measured[]): string[] {
  const machine = describeMachine();
  const rows = measured.flatMap(rowsOf);
  const verdicts = options.isJudged ? judge(rows) : [];
  const changes = options.compare === undefined ? [] : measured.flatMap(changesOf);
  if (options.json) {
    const goals = verdicts.map(({ goal: { figure: _figure, ...goal }, figure, met }) => ({ ...goal, figure, met }));
    console.log(JSON.stringify({ ...machine, rows, goals, changes }, undefined, 2));
  } else {
    if (verdicts.length > 0) console.log(`\n${goalTable(verdicts)}`);
    if (changes.length > 0) console.log(`\n${changeTable(changes)}`);
  }
  if (options.writes) {
    const goals = verdicts.length === 0 ? [] : [goalTable(verdicts)];
    writeSection('calls', [machineLine(machine), ...goals, figureTables(rows)].join('\n\n'));
  }
  if (options.records) writeRecorded(machine.processor, recordedFrom(rows, machineLine(machine)));
  const missed = verdicts
    .filter(({ met }) => !met)
    .map(({ goal }) => `missed: ${goal.promise}, ${goal.target}, ${cellName(goal.cell)}`);
  return [
    ...missed,
    ...changes.flatMap(regressionOf),
    ...(options.isSmoke ? grown(rows, recordedOn(machine.processor, readRecords())) : []),
  ];
}

function regressionOf({ cell, target, ratio, verdict }: Change): string[] {
  return verdict === 'regression' ? [`regression: ${target}, ${cell}: ${ratio.toFixed(3)} times the CPU per call`] : [];
}

async function run(options: BenchOptions): Promise<void> {
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort());
  const { signal } = interrupt;
  if (!options.json) console.log(machineLine(describeMachine()));
  const measured =
    options.compare === undefined
      ? await measureAll(options, signal)
      : await withOldProgram(options.compare, (program) => measureAll(options, signal, program));
  for (const problem of report(options, measured)) {
    console.error(problem);
    process.exitCode = 1;
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
