import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { impossible } from '../conformance/impossible.ts';
import { hostedRuns } from '../conformance/runs.ts';

const page = new URL('../../docs/eras.md', import.meta.url);

const tolerant = hostedRuns.flatMap(({ name, expectedFailures }) =>
  expectedFailures === undefined ? [] : [{ name, expectedFailures }],
);

describe('what cannot be carried between the eras', () => {
  it.each(impossible)('is explained in docs/eras.md: $reason', async ({ reason }) => {
    expect((await readFile(page, 'utf8')).replaceAll(/\s+/g, ' ')).toContain(reason);
  });

  it.each(tolerant)('is all that conformance run $name may fail at', async ({ expectedFailures }) => {
    const entries = [...(await readFile(expectedFailures, 'utf8')).matchAll(/^ +- (?<entry>\S+)$/gm)];
    const known = impossible.flatMap(({ checks = [] }) => checks);
    expect(known).toEqual(expect.arrayContaining(entries.map(({ groups }) => groups?.['entry'])));
  });
});
