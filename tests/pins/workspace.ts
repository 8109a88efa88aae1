import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** Relative to the root of the workspace. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export const root: string = join(import.meta.dirname, '..', '..');

/** Every package that pnpm-workspace.yaml names, by folder. */
export function workspacePackages(): readonly WorkspacePackage[] {
  const patterns = memberPatterns();
  return patterns
    .filter((pattern) => !pattern.startsWith('!'))
    .flatMap((pattern) => (pattern.endsWith('/*') ? foldersIn(pattern.slice(0, -2)) : [pattern]))
    .filter((folder) => !patterns.includes(`!${folder}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readManifest(folder) }));
}

/** What others can install: everything that is not private. */
export function publishedPackages(): readonly WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true);
}

/** What a package needs when it runs, as opposed to while it is built and tested. */
export function runTimeDependencies(manifest: Manifest): readonly string[] {
  const { dependencies, peerDependencies, optionalDependencies } = manifest;
  return Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
}

/** Absolute paths of the TypeScript files of a package, sorted. */
export function sourceFiles(folder: string): readonly string[] {
  return globSync('{src,test}/**/*.ts', { cwd: join(root, folder) })
    .map((file) => join(root, folder, file))
    .toSorted();
}

/** Whether a file is there for tests only. */
export function isTestFile(file: string): boolean {
  return file.endsWith('.test.ts') || file.includes('/test/');
}

/** The modules that a TypeScript file names: static imports, re-exports, and `import()` with literal text. */
export function importedModules(source: string): readonly string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const patterns = [
    /^\s*(?:import|export)\s[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] as string));
}

/** The file behind an entry of an export map while nothing is built; undefined for entries that are no code. */
export function sourceEntry(entry: string | Readonly<Record<string, string>>): string | undefined {
  return typeof entry === 'string' ? undefined : entry['@hostler/source'];
}

function memberPatterns(): readonly string[] {
  const lines = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').split('\n');
  const start = lines.indexOf('packages:') + 1;
  const length = lines.slice(start).findIndex((line) => !line.startsWith('  '));
  return lines
    .slice(start, start + length)
    .filter((line) => line.startsWith('  - '))
    .map((line) => line.slice('  - '.length).replaceAll("'", '').trim());
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`)
    .toSorted();
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}
