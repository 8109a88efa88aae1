import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from '../machine.ts';
import { writeSection } from '../write-section.ts';
import { figureTable, isMissed, measureFigures } from './figures.ts';
import { builtProgram, sourceProgram } from './program.ts';

const HELP = `What Hostler takes before anybody calls: its start, its memory, and what a session and a stream hold.

pnpm -s bench:footprint [options]
  --runs 7       of each start, and of sessions; other memory is measured in up to three
  --calls 1000000 whose heap is compared before and after
  --quick        without these calls, and three runs
  --source       the sources instead of what a build made of them
  --json         figures for programs
  --judge        exit 1 if a goal is missed
  --write        into docs/performance.md
  --help

The program is the built one, as installed: \`pnpm -s build\` first. It runs on one core, what it serves on the other.
Memory is what the operating system says (RSS) of a process without an inspector; the heap is what is left after a
collection that the inspector asks for, from outside. Goals in MB are of 1,000,000 bytes.`;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string' },
    calls: { type: 'string', default: '1000000' },
    quick: { type: 'boolean', default: false },
    source: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    judge: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${name}: a whole number above 0 is expected`);
}

async function run(): Promise<void> {
  const machine = describeMachine();
  const figures = await measureFigures({
    program: options.source ? sourceProgram() : builtProgram(),
    runs: wholeNumber('runs', options.runs ?? (options.quick ? '3' : '7')),
    calls: options.quick ? 0 : wholeNumber('calls', options.calls),
    tell: (what) => {
      if (!options.json) console.error(`${what} …`);
    },
  });
  const table = `${figureTable(figures)}\n\n${machineLine(machine)}`;
  console.log(options.json ? JSON.stringify({ ...machine, figures }, undefined, 2) : table);
  if (options.write) writeSection('footprint', table);
  if (!options.judge) return;
  for (const { name } of figures.filter(isMissed)) {
    console.error(`missed: ${name}`);
    process.exitCode = 1;
  }
}

if (options.help) console.log(HELP);
else await run();
