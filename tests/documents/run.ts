// `pnpm check:documents`: every command that a document tells its reader to run is run here, by another check that is
// named, or has a reason why it cannot be. `--list` runs nothing.
import { commandLines } from './command-lines.ts';
import { countShown, coverageProblems } from './coverage.ts';
import { readDocuments } from './documents.ts';
import { runStory } from './run-story.ts';
import { shownElsewhere } from './shown-elsewhere.ts';
import { stories } from './stories.ts';

const begun = performance.now();
const commands = readDocuments().flatMap(commandLines);
const steps = stories.flatMap((story) => [...story.steps, ...(story.whileServed ?? [])]);
const shown = { steps, elsewhere: shownElsewhere };
const problems = [...coverageProblems(commands, shown)];

if (!process.argv.includes('--list')) {
  const failed = await Promise.all(stories.map(runStory));
  for (const { command, problem } of failed.flat()) {
    const places = commands.filter(({ text }) => text === command).map(({ path, line }) => `${path}:${line}`);
    problems.push(`${places.join(', ') || 'stories.ts'}: ${command}: ${problem}`);
  }
}

for (const problem of problems) console.error(`✗ ${problem}`);
console.log(`${countShown(commands, shown)}; ${((performance.now() - begun) / 1000).toFixed(1)} s`);
process.exitCode = problems.length === 0 ? 0 : 1;
