import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CASES } from './cases.ts';
import { REFUSED } from './refused-cases.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GENERATED = 'tests/authorization/refused.test.ts';

/** The source, and the titles that it generates. */
async function textOf(file: string): Promise<string> {
  const source = await readFile(`${ROOT}${file}`, 'utf8');
  const titles = Object.entries(REFUSED).map(
    ([number, words]) => `'A-${number} ${words} gets nothing, and reaches nothing'`,
  );
  return file === GENERATED ? [source, ...titles].join('\n') : source;
}

it('there are 26 cases, and each is shown by tests that there are', async () => {
  expect(Object.keys(CASES)).toEqual(Array.from({ length: 26 }, (_, index) => String(index + 1)));
  const missing = await Promise.all(
    Object.entries(CASES).flatMap(([number, { shown }]) =>
      shown.map(async ({ file, title }) => {
        const text = await textOf(file).catch(() => '');
        return text.includes(`'${title}'`) ? [] : [`A-${number}: ${file} has no "${title}"`];
      }),
    ),
  );
  expect(missing.flat()).toEqual([]);
  expect(Object.entries(CASES).filter(([, { shown, says }]) => shown.length === 0 || says === '')).toEqual([]);
});

/** A title as it stands in a source: at the beginning of a test, or of a row of one. */
const TITLE = /'(A-\d[^'\n]*)',? ?(?:async|\(|\{|$)/gm;

it('every title with the number of a case belongs to one, and those of this folder stand in the table', async () => {
  const places = ['tests/**/*.test.ts', 'apps/*/{src,test}/**/*.test.ts', 'packages/*/{src,test}/**/*.test.ts'];
  const strays: string[] = [];
  for await (const file of glob(places, { cwd: ROOT, exclude: ['**/node_modules/**'] })) {
    for (const [, title = ''] of (await textOf(file)).matchAll(TITLE)) {
      for (const [, number] of title.matchAll(/A-(\d+)/g)) {
        const shown = CASES[Number(number)]?.shown;
        const isElsewhere = !file.startsWith('tests/authorization/');
        const stands = shown?.some((each) => each.file === file && each.title === title) ?? false;
        if (shown === undefined || !(isElsewhere || stands)) strays.push(`A-${number}: "${title}" of ${file}`);
      }
    }
  }
  expect(strays).toEqual([]);
});
