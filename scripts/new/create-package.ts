import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addLayerRow } from './layer-row.ts';
import type { NewPackage } from './request.ts';

const TEMPLATES = new URL('templates/package/', import.meta.url);
const LAYERS = 'tests/pins/layers.test.ts';
const SURFACE = 'tests/pins/public-surface.json';
const SIZES = 'scripts/rehearse/installed-sizes.json';

/**
 * Writes packages/<name> and enters it where the checks look.
 * @returns the files that were written or changed, relative to the workspace
 * @throws Error before anything is written
 */
export function createPackage(workspace: string, { name, row, description }: NewPackage): readonly string[] {
  const folder = `packages/${name}`;
  for (const taken of [folder, `apps/${name}`]) {
    if (existsSync(join(workspace, taken))) throw new Error(`${taken} is there already: choose another name.`);
  }
  const fullName = `@hostler/${name}`;
  const read = (file: string): string => readFileSync(join(workspace, file), 'utf8');
  const layers = addLayerRow(read(LAYERS), fullName, row);
  const identifier = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const values = {
    name,
    fullName,
    identifier,
    description: JSON.stringify(description).slice(1, -1),
    text: description,
  };
  const files: Readonly<Record<string, string>> = {
    'package.json': filled('package.json.template', values),
    'README.md': filled('readme.md.template', values),
    'tsconfig.build.json': filled('tsconfig.build.json.template', values),
    'src/index.ts': filled('index.ts.template', values),
    [`src/${name}.ts`]: filled('subject.ts.template', values),
    [`src/${name}.test.ts`]: filled('subject.test.ts.template', values),
  };
  for (const [file, content] of Object.entries(files)) write(join(workspace, folder, file), content);
  copyFileSync(join(workspace, 'LICENSE'), join(workspace, folder, 'LICENSE'));
  writeFileSync(join(workspace, LAYERS), layers);
  const surface = { entries: { '.': [identifier], './package.json': null }, errors: {}, limits: {} };
  enter(join(workspace, SURFACE), fullName, surface);
  // What it weighs while it needs nobody; `pnpm rehearse --update` writes down what it has become.
  enter(join(workspace, SIZES), fullName, { packages: 1, megabytes: 0 });
  return [...Object.keys(files), 'LICENSE'].map((file) => `${folder}/${file}`).concat(LAYERS, SURFACE, SIZES);
}

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return readFileSync(new URL(template, TEMPLATES), 'utf8').replaceAll(
    /\{\{(\w+)\}\}/g,
    (whole, key: string) => values[key] ?? whole,
  );
}

/** `wx`: nothing is overwritten, not even what came to be a moment ago. */
function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { flag: 'wx' });
}

/** In front of the first other package whose name comes later. */
function enter(file: string, name: string, value: unknown): void {
  const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>);
  const before = entries.findIndex(([other]) => other > name && other.startsWith('@hostler/'));
  const grown = entries.toSpliced(before === -1 ? entries.length : before, 0, [name, value]);
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(grown), null, 2)}\n`);
}
