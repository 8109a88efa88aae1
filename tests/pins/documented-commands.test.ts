import { describe, expect, it } from 'vitest';
import { commandLines } from '../documents/command-lines.ts';
import { commandProblems } from '../documents/command-problems.ts';
import { coverageProblems } from '../documents/coverage.ts';
import { readDocuments } from '../documents/documents.ts';
import { brokenLinks } from '../documents/links.ts';
import { mentionedCommands } from '../documents/mentions.ts';

const documents = readDocuments();

describe('what the documents tell their readers to run', () => {
  const commands = documents.flatMap(commandLines);
  const mentions = documents.flatMap(mentionedCommands);

  it('is found', () => {
    expect(commands.length).toBeGreaterThan(50);
    expect(mentions.length).toBeGreaterThan(50);
  });

  it('has options, scripts, services and targets that exist', async () => {
    expect(await commandProblems(commands)).toEqual([]);
  });

  it('and so has what they name in their sentences', async () => {
    expect(await commandProblems(mentions, true)).toEqual([]);
  });

  it.each([
    ['hostler run --prot 80', 'unknown option'],
    ['hostler keys creat', 'too many arguments'],
    ['docker run --rm hostler-cli:1 validate --nope', 'unknown option'],
    ['KEY=x npm run -s hostler -- tools --nope > tools.txt', 'unknown option'],
    ['test -f a || echo "$(hostler schema --nope)"', 'unknown option'],
    ['pnpm no-such-script', 'no script'],
    ['pnpm --filter @hostler/no-such-package start', 'no package'],
    ['bash scripts/no-such-script.sh', 'there is no'],
  ])('finds what is wrong with: %s', async (text, problem) => {
    const found = await commandProblems([{ path: 'a.md', line: 1, text }]);
    expect(found).toEqual([expect.stringContaining(problem)]);
  });
});

describe('a command of a document', () => {
  const commands = [{ path: 'a.md', line: 3, text: 'hostler tools' }];
  const steps = [{ command: 'hostler tools', prints: /x/ }];

  it('is run by the checker, or by what a row names', () => {
    expect(coverageProblems(commands, { steps, elsewhere: [] })).toEqual([]);
    const elsewhere = [{ commands: ['hostler t*'], ci: 'npm test', by: 'tests/pins' }];
    expect(coverageProblems(commands, { steps: [], elsewhere })).toEqual([]);
  });

  it('that nothing runs and no row explains is a problem, with its place', () => {
    const problems = coverageProblems(commands, { steps: [], elsewhere: [] });
    expect(problems).toEqual([expect.stringContaining('a.md:3: hostler tools')]);
  });

  it.each([
    [{ commands: ['hostler nothing'], ci: 'npm test' }, 'stands in no document'],
    [{ commands: ['hostler tools'], ci: 'no such phase' }, 'has no "no such phase"'],
    [{ commands: ['hostler tools'], ci: 'npm test', by: 'no-such-file' }, 'there is no no-such-file'],
    [{ commands: ['hostler tools'] }, 'does not say what'],
  ])('is not shown by a row that promises what is not there: %j', (row, problem) => {
    expect(coverageProblems(commands, { steps, elsewhere: [row] })).toEqual([expect.stringContaining(problem)]);
  });
});

describe('the links of the documents', () => {
  it('lead somewhere', () => {
    expect(documents.flatMap(brokenLinks)).toEqual([]);
  });

  it('are found to be broken when they are', () => {
    const text =
      '# One\n[a](README.md) [b](#one) [c](docs/nowhere.md) [d](#two)\n```\n[e](nowhere)\n```\n`[f](nowhere)`';
    expect(brokenLinks({ path: 'a.md', text })).toEqual(['a.md:2: docs/nowhere.md', 'a.md:2: #two']);
  });
});
