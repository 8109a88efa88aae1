import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { PackageManifest } from './public-packages.ts';

const AT_ROOT = new Set(['package.json', 'README.md', 'LICENSE']);
const CODE = /\.(?:d\.ts|js|js\.map)$/;
const TEST = /(?:^|\/)(?:tests?|__tests__|fixtures)\/|\.(?:test|spec)\./;

/**
 * What an installer of a package would find wrong with what was packed.
 * @param folder the unpacked tarball
 * @param license the text that every package carries
 */
export function tarballProblems(folder: string, license: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageManifest;
  const files = filesIn(folder);
  return [
    ...strayFiles(files, manifest).map((file) => `${file} does not belong into it`),
    ...[...AT_ROOT].filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...licenseProblems(folder, license),
    ...files.filter((file) => file.endsWith('.js.map')).flatMap((file) => mapProblems(folder, file)),
    ...files
      .filter((file) => isLeftOver(file, files))
      .map((file) => `${file} has no source: rm -rf {packages,apps}/*/dist && pnpm build --force`),
    ...pathsOf(manifest)
      .filter((path) => !files.includes(path))
      .map((path) => `${path} is named and not there`),
    ...protocolsOf(manifest).map((dependency) => `${dependency} was not replaced by a version`),
    ...programProblems(folder, manifest),
  ];
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .toSorted();
}

function strayFiles(files: readonly string[], { files: listed = [] }: PackageManifest): readonly string[] {
  const extra = listed.filter((entry) => !entry.startsWith('!') && entry !== 'dist' && entry !== 'src');
  return files.filter((file) => {
    if (AT_ROOT.has(file) || extra.some((entry) => file === entry || file.startsWith(`${entry}/`))) return false;
    if (TEST.test(file)) return true;
    return !(file.startsWith('dist/') && CODE.test(file)) && !(file.startsWith('src/') && file.endsWith('.ts'));
  });
}

function licenseProblems(folder: string, license: string): readonly string[] {
  const file = join(folder, 'LICENSE');
  return existsSync(file) && readFileSync(file, 'utf8') !== license ? ['LICENSE is not that of the root'] : [];
}

/** A debugger follows these to the sources, which are packed too. */
function mapProblems(folder: string, file: string): readonly string[] {
  const { sources } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { readonly sources: readonly string[] };
  const code = readFileSync(join(folder, file.slice(0, -'.map'.length)), 'utf8');
  const isNamed = code.trimEnd().endsWith(`//# sourceMappingURL=${file.split('/').at(-1)}`);
  return [
    ...(isNamed ? [] : [`${file} is not named by its code`]),
    ...sources
      .filter((source) => {
        const path = resolve(folder, dirname(file), source);
        return !path.startsWith(folder + sep) || !existsSync(path);
      })
      .map((source) => `${file} leads to ${source}, which is not packed`),
  ];
}

function isLeftOver(file: string, files: readonly string[]): boolean {
  if (!file.startsWith('dist/')) return false;
  return !files.includes(
    file.replace('dist/', 'src/').replace(/(?:\.d\.ts|(?:\.shared)?\.js|(?:\.shared)?\.js\.map)$/, '.ts'),
  );
}

function pathsOf({ exports = {}, bin = {} }: PackageManifest): readonly string[] {
  const entries = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  return [...entries, ...Object.values(bin)].map((path) => path.replace('./', ''));
}

function protocolsOf({ dependencies, peerDependencies }: PackageManifest): readonly string[] {
  return Object.entries({ ...dependencies, ...peerDependencies })
    .filter(([, range]) => /^(?:workspace|catalog|link|file):/.test(range))
    .map(([name, range]) => `${name}@${range}`);
}

/** A program that npm links has to start by itself. */
function programProblems(folder: string, { bin = {} }: PackageManifest): readonly string[] {
  return Object.values(bin)
    .map((path) => join(folder, path))
    .filter((path) => existsSync(path))
    .filter((path) => !readFileSync(path, 'utf8').startsWith('#!/usr/bin/env node\n') || statSync(path).size === 0)
    .map((path) => `${relative(folder, path)} does not begin with #!/usr/bin/env node`);
}
