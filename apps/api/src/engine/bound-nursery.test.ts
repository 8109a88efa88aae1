import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Makes objects of which some live on for a while, until the nursery would have all its room. Prints its MiB in the end. */
const PROGRAM = `
  const [module, how, most, ...settings] = process.argv.slice(1);
  if (how === 'bound') (await import(module)).boundNursery(settings);
  const { getHeapSpaceStatistics } = await import('node:v8');
  const size = () => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_size / 2 ** 20;
  let kept = [];
  for (let round = 0; round < 4_000; round++) {
    for (let count = 0; count < 2_000; count++) {
      kept.push({ count, list: [count] });
      if (kept.length > most) kept = kept.slice(most / 2);
    }
    // Collections are told of between turns.
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.log(size());
`;

/** Objects that live on: of a hundred bytes each. */
const FEW = 6_000;
const MANY = 80_000;

function run(how: 'bound' | 'as it is', most: number, ...settings: readonly string[]): number {
  const module = pathToFileURL(join(import.meta.dirname, 'bound-nursery.ts')).href;
  const all = ['--input-type=module', '-e', PROGRAM, module, how, `${most}`, ...settings];
  const { stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  const size = Number.parseFloat(stdout);
  if (Number.isNaN(size)) throw new Error(stderr);
  return size;
}

describe('boundNursery', { timeout: 60_000 }, () => {
  it('keeps the nursery below 24 MiB, where the engine lets it grow further', () => {
    expect(run('as it is', FEW)).toBeGreaterThan(24);
    const bound = run('bound', FEW);
    expect(bound).toBeGreaterThan(6);
    expect(bound).toBeLessThanOrEqual(24);
  });

  it('lets it grow to 48 MiB where much outlives each collection, and no further', () => {
    expect(run('as it is', MANY)).toBeGreaterThan(48);
    const bound = run('bound', MANY);
    expect(bound).toBeGreaterThan(24);
    expect(bound).toBeLessThanOrEqual(48);
  });

  it('leaves it as it is when somebody has chosen a size', () => {
    expect(run('bound', FEW, '--max-semi-space-size=32')).toBeGreaterThan(24);
  });
});
