import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { manifestProblems } from '../../scripts/packages/manifest-problems.ts';
import { importPaths, publicPackages } from '../../scripts/packages/public-packages.ts';
import type { PackageManifest, PublicPackage } from '../../scripts/packages/public-packages.ts';
import { outputProblem, readExamples } from '../../scripts/packages/readme-examples.ts';
import { readmeProblems } from '../../scripts/packages/readme-problems.ts';
import { tarballProblems } from '../../scripts/packages/tarball-problems.ts';
import { root } from './workspace.ts';

const packages = publicPackages();
const named = packages.map((each) => [each.manifest.name, each] as const);
const kernel = packages.find(({ manifest }) => manifest.name === '@hostler/kernel') as PublicPackage;
const license = readFileSync(join(root, 'LICENSE'), 'utf8');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function fileOf({ directory }: PublicPackage, name: string): string {
  return readFileSync(join(root, directory, name), 'utf8');
}

describe('a package that others install', () => {
  it.each(named)('%s says everything in its manifest', (_, each) => {
    expect(manifestProblems(each)).toEqual([]);
  });

  it.each(named)('%s has a README with a program and what it prints, and the license', (_, each) => {
    expect(readmeProblems(fileOf(each, 'README.md'), each.manifest)).toEqual([]);
    expect(fileOf(each, 'LICENSE')).toBe(license);
  });

  it.each<[string, Partial<PackageManifest>, string]>([
    ['no keywords', { keywords: [] }, 'keywords are fewer than four'],
    ['a place that is not its own', { repository: { type: 'git', url: '', directory: 'packages/host' } }, 'repository'],
    ['tests among its files', { files: ['dist', 'src'] }, 'files lacks !src/**/*.test.ts'],
    ['code without types', { exports: { '.': { default: './dist/index.js' } } }, 'exports . is not one file of src'],
    ['provenance that nobody signs', { publishConfig: { access: 'restricted', provenance: true } }, 'provenance'],
    ['no license', { license: 'UNLICENSED' }, 'license is not Apache-2.0'],
  ])('is found to have %s', (_, changed, problem) => {
    const manifest = { ...kernel.manifest, ...changed };
    expect(manifestProblems({ ...kernel, manifest }).join('\n')).toContain(problem);
  });

  it('names what a program can import of it', () => {
    const exports = { '.': { default: '' }, './vault': { default: '' }, './package.json': './package.json' };
    const manifest = { name: '@hostler/secrets', version: '1.0.0', exports };
    expect(importPaths(manifest)).toEqual(['@hostler/secrets', '@hostler/secrets/vault']);
  });
});

const whole: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    name: '@hostler/thing',
    files: ['dist', 'src'],
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    dependencies: { '@hostler/kernel': '^0.1.0' },
    bin: { thing: './dist/index.js' },
  }),
  LICENSE: license,
  'README.md': '',
  'src/index.ts': '',
  'dist/index.d.ts': '',
  'dist/index.js': '#!/usr/bin/env node\n//# sourceMappingURL=index.js.map',
  'dist/index.js.map': '{"sources":["../src/index.ts"]}',
};

/** The problems of a tarball with these files in the place of its own; undefined leaves one out. */
function problemsWith(changed: Readonly<Record<string, string | undefined>>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-tarball-'));
  folders.push(folder);
  for (const [name, text] of Object.entries({ ...whole, ...changed })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return tarballProblems(folder, license);
}

describe('a tarball', () => {
  it('is whole', () => {
    expect(problemsWith({})).toEqual([]);
  });

  it('has code that several of its files share, below the name of a source', () => {
    expect(problemsWith({ 'src/thing.ts': '', 'dist/thing.shared.js': '' })).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string | undefined>>, string]>([
    ['a test', { 'src/index.test.ts': '' }, 'src/index.test.ts does not belong into it'],
    [
      'what a build remembers',
      { 'dist/tsconfig.tsbuildinfo': '' },
      'dist/tsconfig.tsbuildinfo does not belong into it',
    ],
    ['a stray file', { '.env': '' }, '.env does not belong into it'],
    ['what is left of a source', { 'dist/old.d.ts': '' }, 'dist/old.d.ts has no source'],
    ['what was shared once', { 'dist/old.shared.js': '' }, 'dist/old.shared.js has no source'],
    ['no license', { LICENSE: undefined }, 'LICENSE is missing'],
    ['another license', { LICENSE: 'MIT' }, 'LICENSE is not that of the root'],
    ['a map to a source that is not there', { 'dist/index.js.map': '{"sources":["../src/gone.ts"]}' }, 'src/gone.ts'],
    ['a map to a source outside', { 'dist/index.js.map': '{"sources":["../../index.ts"]}' }, 'which is not packed'],
    ['code that does not name its map', { 'dist/index.js': '#!/usr/bin/env node\n' }, 'is not named by its code'],
    [
      'a program that does not start',
      { 'dist/index.js': '//# sourceMappingURL=index.js.map' },
      'does not begin with #!',
    ],
    ['no types', { 'dist/index.d.ts': undefined }, 'dist/index.d.ts is named and not there'],
    [
      'a version of the workspace',
      { 'package.json': (whole['package.json'] ?? '').replace('^0.1.0', 'workspace:^') },
      '@hostler/kernel@workspace:^ was not replaced by a version',
    ],
  ])('is found to have %s', (_, changed, problem) => {
    expect(problemsWith(changed).join('\n')).toContain(problem);
  });
});

const readme = `# @hostler/thing

\`\`\`sh
npm install @hostler/thing valibot # and nothing else
\`\`\`

\`\`\`yaml
# hostler.yaml
servers: {}
\`\`\`

\`\`\`ts
import { thing } from '@hostler/thing';
console.log(thing(), 2); // → one … two
console.log('three');
// → three
\`\`\`
`;

describe('the example of a README', () => {
  it('is read with its files, what it needs and what it prints', () => {
    const { files, installs, programs } = readExamples(readme);
    expect(files).toEqual([{ name: 'hostler.yaml', text: '# hostler.yaml\nservers: {}\n' }]);
    expect(installs).toEqual(['@hostler/thing', 'valibot']);
    expect(programs.map(({ name, expected }) => [name, expected])).toEqual([['example-1.ts', ['one … two', 'three']]]);
  });

  it.each([
    ['one and two\nthree\n', 'as it says'],
    ['one two\nthree\n', 'in the place of\n  one … two'],
    ['one and two\n', 'example-1.ts does not print: three'],
    ['one and two\nthree\nfour\n', 'example-1.ts prints more than it says: four'],
  ])('prints %j', (output, problem) => {
    const [program] = readExamples(readme).programs;
    expect(program && (outputProblem(program, output) ?? 'as it says')).toContain(problem);
  });

  it.each([
    [readme.replaceAll('// → ', '// '), 'does not say what it prints'],
    [
      readme.replace('npm install @hostler/thing', 'npm install'),
      'imports @hostler/thing and does not say to install it',
    ],
    [readme.replaceAll('```ts', '```js'), 'has no example'],
  ])('is missed, number %#', (text, problem) => {
    expect(readmeProblems(text, { name: '@hostler/thing', version: '1.0.0' }).join('\n')).toContain(problem);
  });
});
