import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Makes objects that nobody keeps until so many collections were told of, and prints what the engine was told. */
const PROGRAM = `
  const [module, enough, ...settings] = process.argv.slice(1);
  const v8 = process.getBuiltinModule('node:v8');
  const told = [];
  v8.setFlagsFromString = (flags) => told.push(flags);
  (await import(module)).keepCompiled(settings);
  const { PerformanceObserver } = await import('node:perf_hooks');
  let seen = 0;
  new PerformanceObserver((list) => { seen += list.getEntries().length; }).observe({ entryTypes: ['gc'] });
  while (seen < Number(enough)) {
    for (let count = 0; count < 1_000; count++) new Array(100).fill(count);
    // Collections are told of between turns.
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.log(JSON.stringify(told));
`;

/** @param collections more than are needed, or fewer */
function told(collections: number, ...settings: readonly string[]): unknown {
  const module = pathToFileURL(join(import.meta.dirname, 'keep-compiled.ts')).href;
  const all = ['--max-semi-space-size=1', '--input-type=module', '-e', PROGRAM, module, `${collections}`, ...settings];
  const { stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

const SETTING = '--no-memory-reducer-favors-memory';

// What comes of it takes half a minute of rest to show: `pnpm bench:footprint` has a figure of it.
describe('keepCompiled', { timeout: 60_000 }, () => {
  it('tells the engine once, when the process has worked', () => {
    expect(told(20)).toEqual([]);
    expect(told(100)).toEqual([SETTING]);
  });

  it('leaves an engine as it is that somebody has set up', () => {
    expect(told(100, '--no-memory-reducer')).toEqual([]);
    expect(told(100, '', '--inspect --memory-reducer-favors-memory')).toEqual([]);
    expect(told(100, '--max-old-space-size=64')).toEqual([SETTING]);
  });

  it('tells it something that it knows', () => {
    // Node refuses to start with what its engine does not know.
    expect(spawnSync(process.execPath, [SETTING, '-e', '']).status).toBe(0);
    expect(spawnSync(process.execPath, [`${SETTING}-not`, '-e', '']).status).not.toBe(0);
  });
});
