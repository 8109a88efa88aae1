import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Makes objects of which the first ones live on, as in a start, and then such that nobody keeps. Prints how many MB of
 * them were old at most.
 */
const PROGRAM = `
  if (process.argv[2] === 'young') (await import(process.argv[1])).allocateYoung();
  const { getHeapSpaceStatistics } = await import('node:v8');
  const old = () => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space').space_used_size / 1e6;
  const make = () => Array.from({ length: 600 }, (_, index) => ({ index }));
  const waiting = [];
  for (let count = 0; count < 4_000; count++) {
    waiting.push(make());
    if (waiting.length > 500) waiting.splice(0, 100);
  }
  waiting.length = 0;
  gc();
  const before = old();
  let [made, most] = [0, 0];
  for (let count = 0; count < 2_000; count++) {
    made += make().length;
    if (count % 50 === 0) most = Math.max(most, old() - before);
  }
  console.log(Math.round(most), made);
`;

function run(how: 'young' | 'as it is'): number {
  const module = pathToFileURL(join(import.meta.dirname, 'allocate-young.ts')).href;
  // It begins to watch once the young have as much room as they get.
  const all = ['--expose-gc', '--max-semi-space-size=1', '--input-type=module', '-e', PROGRAM, module, how];
  const { stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  const megabytes = Number.parseInt(stdout, 10);
  if (Number.isNaN(megabytes)) throw new Error(stderr);
  return megabytes;
}

describe('allocateYoung', () => {
  it('keeps objects young that are made where others have lived on', { timeout: 240_000 }, () => {
    // The compilers work beside it, so that only one run in four comes to what is to be kept from happening.
    const shows = (): boolean => run('as it is') > 10;
    expect(Array.from({ length: 100 }).some(shows)).toBe(true);
    for (let round = 0; round < 4; round++) expect(run('young')).toBeLessThan(3);
  });
});
