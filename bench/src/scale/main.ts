import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from '../machine.ts';
import { writeSection } from '../write-section.ts';
import { missedGoals, scaleTables } from './report.ts';
import { measureScale } from './scenario.ts';

const HELP = `Whether a call costs the same with many servers, consumers and sessions as with one of each, and what lists cost.

pnpm -s bench:scale [options]
  --era legacy|modern  of clients and servers; default legacy
  --rounds 11          every place in turn, so often
  --seconds 0.5        of calls on a place in a round
  --quick              100 servers, 100 consumers and 1,000 sessions, and three rounds
  --json               figures for programs
  --judge              exit 1 if a goal is missed
  --write              into docs/performance.md
  --help

One process is 1,000 servers with 100 tools each. Four hosts run beside each other: with 1, 100 and 1,000 servers and one
consumer, and with 1,000 servers, 1,000 consumers with a view of 200 tools each and 10,000 sessions; and two byte proxies,
with connections to 1 and to 1,000 servers. Calls go over all sessions and all servers in turn, 32 at a time, for a second
before those that are measured, which opens the connections. They share one core, the clients and servers the other one.
Lists are those of a consumer that sees everything. A block is the longest time in which the event loop answered nothing.`;

const { values: options } = parseArgs({
  options: {
    era: { type: 'string', default: 'legacy' },
    rounds: { type: 'string' },
    seconds: { type: 'string', default: '0.5' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    judge: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${name}: a number above 0 is expected`);
}

function eraOf(text: string): 'legacy' | 'modern' {
  if (text === 'legacy' || text === 'modern') return text;
  throw new Error('--era: expected legacy or modern');
}

async function run(): Promise<void> {
  const { quick } = options;
  const era = eraOf(options.era);
  const figures = await measureScale({
    era,
    effort: {
      rounds: positive('rounds', options.rounds ?? (quick ? '3' : '11')),
      seconds: positive('seconds', options.seconds),
      warmCalls: quick ? 5_000 : 30_000,
      walks: quick ? 5 : 20,
    },
    servers: quick ? [1, 10, 100] : [1, 100, 1_000],
    consumers: quick ? 100 : 1_000,
    sessions: quick ? 1_000 : 10_000,
    tools: 100,
    tell: (what) => {
      if (!options.json) console.error(`${what} …`);
    },
  });
  const machine = describeMachine();
  const tables = `${scaleTables(figures)}\n\nThe ${era} era. ${machineLine(machine)}`;
  console.log(options.json ? JSON.stringify({ ...machine, era, ...figures }, undefined, 2) : tables);
  if (options.write) writeSection('scale', tables);
  if (!options.judge) return;
  for (const problem of missedGoals(figures)) {
    console.error(problem);
    process.exitCode = 1;
  }
}

if (options.help) console.log(HELP);
else await run();
