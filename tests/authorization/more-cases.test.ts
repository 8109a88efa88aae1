import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { AUDIT_CASES } from './audit-cases.ts';
import type { Case } from './cases.ts';
import { LIMIT_CASES } from './limit-cases.ts';
import { POISON_CASES } from './poison-cases.ts';
import { SSRF_CASES } from './ssrf-cases.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const TABLES: readonly (readonly [letter: string, cases: Readonly<Record<number, Case>>, count: number])[] = [
  ['S', SSRF_CASES, 10],
  ['Q', POISON_CASES, 8],
  ['U', AUDIT_CASES, 7],
  ['limits', LIMIT_CASES, 16],
];

it.each(TABLES)('%s: each case is shown by tests that there are', async (letter, cases, count) => {
  expect(Object.keys(cases)).toEqual(Array.from({ length: count }, (_, index) => String(index + 1)));
  const missing = await Promise.all(
    Object.entries(cases).flatMap(([number, { shown }]) =>
      shown.map(async ({ file, title }) => {
        const text = await readFile(`${ROOT}${file}`, 'utf8').catch(() => '');
        return text.includes(`'${title}'`) ? [] : [`${letter}-${number}: ${file} has no "${title}"`];
      }),
    ),
  );
  expect(missing.flat()).toEqual([]);
  expect(Object.values(cases).filter(({ shown, says }) => shown.length === 0 || says === '')).toEqual([]);
});
