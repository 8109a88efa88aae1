import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPackage } from '../../scripts/new/create-package.ts';
import { addLayerRow } from '../../scripts/new/layer-row.ts';
import { readRequest } from '../../scripts/new/request.ts';
import { root } from './workspace.ts';

const layers = readFileSync(join(root, 'tests/pins/layers.test.ts'), 'utf8');
const rest = ['--row', '2', '--description', 'Keeps what nobody needs'];

describe('pnpm new package', () => {
  it('reads what is wanted', () => {
    const request = { name: 'dust-bin', row: 2, description: 'Keeps what nobody needs' };
    expect(readRequest(['package', 'dust-bin', ...rest])).toEqual(request);
  });

  it.each<[string, readonly string[], string]>([
    ['another kind', ['app', 'dust-bin', ...rest], 'There are new packages only: pnpm new package <name>'],
    ['two names', ['package', 'dust', 'bin', ...rest], 'There are new packages only'],
    ['no name', ['package', ...rest], '"" is no name: lower-case letters'],
    ['a name with a scope', ['package', '@hostler/dust', ...rest], 'without @hostler/'],
    ['a name with a path', ['package', '../dust', ...rest], '"../dust" is no name'],
    ['a name that says nothing', ['package', 'dust-utils', ...rest], '"utils" says nothing: name the package after'],
    ['no row', ['package', 'dust', '--description', 'Keeps what nobody needs'], '--row is missing: 1 to 5'],
    ['the row of the kernel', ['package', 'dust', '--row', '0', ...rest.slice(2)], '--row is 0: 1 to 5'],
    ['no description', ['package', 'dust', '--row', '2'], '--description says in 10 to 120 characters'],
    ['a sentence', ['package', 'dust', '--row', '2', '--description', 'It keeps dust.'], 'without a full stop'],
    ['an option that there is not', ['package', 'dust', '--layer', '2'], "Unknown option '--layer'"],
  ])('refuses %s with the mend', (_, line, mend) => {
    expect(() => readRequest(line)).toThrow(mend);
  });

  it('refuses a name that is taken before it writes anything', () => {
    const request = { name: 'kernel', row: 2, description: 'Keeps what nobody needs' };
    expect(() => createPackage(root, request)).toThrow('packages/kernel is there already: choose another name.');
  });

  it('enters a package behind those of its row', () => {
    const grown = addLayerRow(layers, '@hostler/dust-bin', 3);
    expect(grown).toContain("  '@hostler/host': 3,\n  '@hostler/dust-bin': 3,\n  '@hostler/endpoint': 4,\n");
    expect(grown.replace("  '@hostler/dust-bin': 3,\n", '')).toBe(layers);
  });

  it('leaves the row of a package that has one, and refuses another', () => {
    expect(addLayerRow(layers, '@hostler/store', 1)).toBe(layers);
    expect(() => addLayerRow(layers, '@hostler/store', 2)).toThrow('@hostler/store has row 1 in tests/pins');
  });
});
