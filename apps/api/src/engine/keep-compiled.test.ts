import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keepCompiled } from './keep-compiled.ts';

const v8 = process.getBuiltinModule('node:v8');

/** What the engine is told. */
function told(...settings: readonly string[]): unknown[][] {
  const setFlags = vi.spyOn(v8, 'setFlagsFromString').mockReturnValue();
  keepCompiled(settings);
  return setFlags.mock.calls;
}

afterEach(() => vi.restoreAllMocks());

// What comes of it takes half a minute of rest to show: `pnpm bench:footprint` has a figure of it.
describe('keepCompiled', () => {
  it('tells the engine something that it knows', () => {
    const [[setting] = []] = told();
    // Node refuses to start with what its engine does not know.
    expect(spawnSync(process.execPath, [String(setting), '-e', '']).status).toBe(0);
    expect(spawnSync(process.execPath, [`${String(setting)}-not`, '-e', '']).status).not.toBe(0);
  });

  it('leaves an engine as it is that somebody has set up', () => {
    expect(told('--no-memory-reducer')).toEqual([]);
    expect(told('', '--inspect --memory-reducer-favors-memory')).toEqual([]);
    expect(told('--max-old-space-size=64')).toHaveLength(1);
  });
});
