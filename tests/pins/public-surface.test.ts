import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declaredErrorTables, readSurface } from './surface.ts';
import type { Surface } from './surface.ts';
import { publishedPackages } from './workspace.ts';

/**
 * Literals, never computed: a pin does not forbid a change, it makes an accidental one red and a deliberate one a line
 * in the diff. `print-surface.ts` writes the file anew; an entry "to be filled" is not compared yet.
 */
const pinned = JSON.parse(readFileSync(join(import.meta.dirname, 'public-surface.json'), 'utf8')) as Readonly<
  Record<string, Surface | 'to be filled'>
>;

const packages = publishedPackages();
const filled = packages.filter(({ manifest }) => typeof pinned[manifest.name] === 'object');

describe('the public surface', () => {
  it('has exactly the packages that are pinned', () => {
    expect(packages.map(({ manifest }) => manifest.name).toSorted()).toEqual(Object.keys(pinned).toSorted());
  });

  it.each(filled.map((each) => [each.manifest.name, each] as const))('of %s is as pinned', async (name, each) => {
    expect(await readSurface(each)).toEqual(pinned[name]);
  });

  it.each(filled.map((each) => [each.manifest.name, each] as const))(
    'of %s shows every error table that it declares',
    async (_, each) => {
      const { entries } = await readSurface(each);
      const names = Object.values(entries).flatMap((entry) => entry ?? []);
      expect(declaredErrorTables(each.folder).filter((table) => !names.includes(table))).toEqual([]);
    },
  );

  it('has no error code twice', async () => {
    const surfaces = await Promise.all(packages.map(readSurface));
    const codes = surfaces.flatMap(({ errors }) => Object.keys(errors));
    expect(codes).toContain('PROTOCOL_PARSE');
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    expect(codes.filter((code) => !/^[A-Z]+(?:_[A-Z0-9]+)+$/.test(code))).toEqual([]);
  });
});
