import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandLine } from './command-lines.ts';
import { root } from './documents.ts';
import type { Showing } from './shown-elsewhere.ts';
import type { Step } from './step.ts';

export interface Shown {
  readonly steps: readonly Step[];
  readonly elsewhere: readonly Showing[];
}

/** Commands of documents that nothing runs and nobody explains, and what is explained although no document has it. */
export function coverageProblems(commands: readonly CommandLine[], { steps, elsewhere }: Shown): readonly string[] {
  const texts = new Set(commands.map(({ text }) => text));
  const run = new Set(steps.map(({ command }) => command));
  const patterns = elsewhere.flatMap((showing) => showing.commands);
  const unshown = commands
    .filter(({ text }) => !run.has(text) && !patterns.some((pattern) => fits(pattern, text)))
    .map(({ path, line, text }) => `${path}:${line}: ${text}: neither stories.ts nor shown-elsewhere.ts has it`);
  const unwritten = steps
    .filter(({ command, isOwn }) => isOwn !== true && !texts.has(command))
    .map(({ command }) => `stories.ts: ${command}: stands in no document`);
  const unused = patterns
    .filter((pattern) => ![...texts].some((text) => fits(pattern, text)))
    .map((pattern) => `shown-elsewhere.ts: ${pattern}: stands in no document`);
  return [...unshown, ...unwritten, ...unused, ...elsewhere.flatMap(emptyPromise)];
}

/** How many commands of the documents are shown in which way, for a reader. */
export function countShown(commands: readonly CommandLine[], { steps, elsewhere }: Shown): string {
  const run = new Set(steps.map(({ command }) => command));
  const ran = commands.filter(({ text }) => run.has(text)).length;
  const notRun = elsewhere.filter((showing) => showing.notRun !== undefined).flatMap((showing) => showing.commands);
  const left = commands.filter(({ text }) => !run.has(text) && notRun.some((pattern) => fits(pattern, text))).length;
  const others = commands.length - ran - left;
  return `${commands.length} commands in documents: ${ran} run here, ${others} by other checks, ${left} cannot be run here`;
}

function fits(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`).test(text);
}

/** A row that promises something that is not there. */
function emptyPromise({ commands, ci, by, notRun }: Showing): readonly string[] {
  const name = `shown-elsewhere.ts: ${commands.join(', ')}`;
  if (notRun !== undefined) return ci === undefined && by === undefined ? [] : [`${name}: is run, and is not run`];
  if (ci === undefined) return [`${name}: does not say what of .ci/run runs it`];
  const lines = readFileSync(join(root, '.ci/run'), 'utf8').split('\n');
  return [
    ...(lines.some((line) => !line.startsWith('#') && line.includes(ci)) ? [] : [`${name}: .ci/run has no "${ci}"`]),
    ...(by === undefined || existsSync(join(root, by)) ? [] : [`${name}: there is no ${by}`]),
  ];
}
