import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadedBy, pinnedStarts } from './loaded-packages.ts';

const pinned = JSON.parse(readFileSync(join(import.meta.dirname, 'loaded-packages.json'), 'utf8')) as Readonly<
  Record<string, readonly string[]>
>;

/** With room for files that are still to be written, not for a library. */
const MOST_FILES: Readonly<Record<string, number>> = {
  'hostler --version': 3,
  'hostler run': 800,
  'hostler run, with a stdio server': 830,
};

// A package that is added here is paid for by every start. When that is meant: print-loaded-packages.ts.
describe('what is loaded until a command is ready', () => {
  it('is pinned for each of these', () => {
    expect(Object.keys(pinned)).toEqual(Object.keys(pinnedStarts));
  });

  it.each(Object.keys(pinnedStarts))('%s', { timeout: 60_000 }, (name) => {
    const { packages, files, hasOwnUndici } = loadedBy(name);
    expect(packages).toEqual(pinned[name]);
    expect(files).toBeGreaterThan(0);
    expect(files).toBeLessThanOrEqual(MOST_FILES[name] ?? 0);
    expect(hasOwnUndici).toBe(false);
  });
});
