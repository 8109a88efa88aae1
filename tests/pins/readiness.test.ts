import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../documents/documents.ts';
import { unknownName } from '../documents/named-things.ts';
import { readinessItems } from '../documents/readiness-items.ts';
import type { ReadinessItem } from '../documents/readiness-items.ts';

const text = readFileSync(join(root, 'docs/production-readiness.md'), 'utf8');
const items = readinessItems(text);

/** So that none of them disappears unnoticed. */
const AREAS = { L: 10, R0: 30, R1: 28, R2: 73, R3: 38, R4: 34, X: 9, W: 43 };
const STATES = ['yes', 'partly', 'not yet', 'not taken'];

/** Written by a program that `.ci/run` asks whether they are still true. */
const generated = /^docs\/(?:configuration\.md|errors\.md|config\.schema\.json)$/;
/** Programs that test or check, and files that they check word by word. */
const tests = /\.test\.ts$|^tests\/|^scripts\/(?:check-|rehearse|scan)|^tools\/lint\//;

function isShown({ paths, commands }: ReadinessItem): boolean {
  return commands.length > 0 || paths.some((path) => tests.test(path) || generated.test(path));
}

function problemsOf(item: ReadinessItem): readonly string[] {
  const { name, holds, state, paths, commands } = item;
  return [
    ...(STATES.includes(state) ? [] : [`${name} has no state: "${state}"`]),
    ...(holds === '' ? [`${name} says nothing`] : []),
    ...(state === 'yes' && !isShown(item) ? [`${name}: no test, generated page or command shows it`] : []),
    ...(state === 'partly' && paths.length + commands.length === 0 ? [`${name}: nothing shows what is there`] : []),
    ...paths.filter((path) => !existsSync(join(root, path))).map((path) => `${name}: there is no ${path}`),
    ...commands.flatMap((command) => unknownName(command.split(' ')) ?? []).map((problem) => `${name}: ${problem}`),
  ];
}

describe('docs/production-readiness.md', () => {
  it('has every item once', () => {
    expect(new Set(items.map(({ name }) => name)).size).toBe(items.length);
    const counts = Object.keys(AREAS).map((area) => [
      area,
      items.filter(({ name }) => name.startsWith(`${area}-`)).length,
    ]);
    expect(Object.fromEntries(counts)).toEqual(AREAS);
  });

  it('names for each a state, and proofs that exist', () => {
    expect(items.flatMap(problemsOf)).toEqual([]);
  });

  it.each(STATES)('counts its items that are in the state: %s', (state) => {
    const [, count] = new RegExp(String.raw`^\| \`${state}\` \| (\d+) \|`, 'm').exec(text) ?? [];
    expect(Number(count)).toBe(items.filter((item) => item.state === state).length);
  });

  it.each([
    ['| R0-01 | Holds. | sure | `pnpm build` |', 'no state'],
    ['| R0-01 | Holds. | yes | [README.md](../README.md) |', 'shows it'],
    ['| R0-01 | Holds. | yes | [a.test.ts](../tests/a.test.ts) |', 'there is no tests/a.test.ts'],
    ['| R0-01 | Holds. | yes | `pnpm no-such-script` |', 'no script'],
    ['| R0-01 | Holds. | partly | |', 'nothing shows'],
  ])('would be found wrong: %s', (row, problem) => {
    expect(readinessItems(row).flatMap(problemsOf)).toEqual([expect.stringContaining(problem)]);
  });
});
