import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clientRuns, directRuns, hostedRuns } from './runs.ts';
import type { ClientRun, Run } from './runs.ts';
import { runClientSuite, runSuite } from './suite.ts';
import type { Outcome } from './suite.ts';
import { startFixture, startHostler } from './target.ts';

// Usage: node --conditions=@hostler/source tests/conformance/run.ts [--direct] [--only <name>]…
const { values } = parseArgs({
  options: {
    direct: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
});

// So that a signal ends this process by `exit`, where the children are ended, too.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const all: readonly (Run | ClientRun)[] = values.direct ? directRuns : [...hostedRuns, ...clientRuns];
const unknown = values.only.filter((name) => !all.some((run) => run.name === name));
if (unknown.length > 0) {
  console.error(`No such run: ${unknown.join(', ')}. There are: ${all.map((run) => run.name).join(', ')}.`);
  process.exit(2);
}

const chosen = all.filter((run) => values.only.length === 0 || values.only.includes(run.name));
const rows = [];
for (const run of chosen) rows.push(await perform(run));
console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])));
const failures = rows.filter((row) => row.exit !== 0).length;
console.log(failures === 0 ? `All ${rows.length} runs passed.` : `${failures} of ${rows.length} runs failed.`);
process.exitCode = failures === 0 ? 0 : 1;

interface Row {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly exit: number;
}

async function perform(run: Run | ClientRun): Promise<Row> {
  const directory = await mkdtemp(join(tmpdir(), `conformance-${run.name}-`));
  try {
    const outcome = await ('driver' in run ? runClientSuite(run, directory) : runServer(run, directory));
    if (outcome.exitCode === 0) await rm(directory, { recursive: true });
    else explain(run, outcome, directory);
    const { passed, failed, exitCode } = outcome;
    const counts = { passed: passed.length, failed: failed.length };
    return { name: run.name, ...counts, exit: exitCode };
  } catch (error) {
    console.error(`${run.name}: ${String(error)}`);
    await rm(directory, { recursive: true, force: true });
    return { name: run.name, passed: 0, failed: 0, exit: 1 };
  }
}

async function runServer(run: Run, directory: string): Promise<Outcome> {
  await using target = await (values.direct ? startFixture : startHostler)(run);
  return await runSuite(run, target.url, directory);
}

function explain(run: Run | ClientRun, { failed, output }: Outcome, directory: string): void {
  console.error(`\n${run.name}: ${failed.length} scored scenarios failed. The checks are in ${directory}`);
  console.error(output.slice(Math.max(output.search(/^=== (?:SUITE )?SUMMARY ===/m), 0)));
}
