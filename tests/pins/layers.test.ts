import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { isBuiltin } from 'node:module';
import { describe, expect, it } from 'vitest';
import { importedModules, isTestFile, root, runTimeDependencies, sourceFiles, workspacePackages } from './workspace.ts';
import type { Manifest, WorkspacePackage } from './workspace.ts';

/** Arrows point from a higher row to a lower one, never up or sideways. */
const ROWS: Readonly<Record<string, number>> = {
  '@hostler/kernel': 0,
  '@hostler/protocol': 1,
  '@hostler/config': 1,
  '@hostler/secrets': 1,
  '@hostler/audit': 1,
  '@hostler/store': 1,
  '@hostler/telemetry': 1,
  '@hostler/auth': 2,
  '@hostler/policy': 2,
  '@hostler/router': 2,
  '@hostler/upstream': 2,
  '@hostler/jobs': 2,
  '@hostler/limits-redis': 2,
  '@hostler/secrets-gcp': 2,
  '@hostler/secrets-aws': 2,
  '@hostler/host': 3,
  '@hostler/endpoint': 4,
  '@hostler/agents': 4,
  '@hostler/runtime': 5,
  '@hostler/api': 6,
  '@hostler/cli': 6,
  '@hostler/worker': 6,
};

/** Private packages, which may use everything and which nothing above may need in order to run. */
const FREE = /^@hostler\/(?:test-kit|bench|tests|image|example-.+)$/;

/** The command line starts the server that the API app is. */
const SIDEWAYS: ReadonlySet<string> = new Set(['@hostler/cli → @hostler/api']);

function rowOf(name: string): number | undefined {
  return Object.hasOwn(ROWS, name) ? ROWS[name] : undefined;
}

/** Everything in these manifests that breaks the rule. */
function layerProblems(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap((manifest) => {
    const { name } = manifest;
    const row = rowOf(name);
    if (FREE.test(name)) return manifest.private === true ? [] : [`${name} is not private`];
    if (row === undefined) return [`${name} has no row`];
    return runTimeDependencies(manifest)
      .filter((dependency) => dependency.startsWith('@hostler/'))
      .filter((dependency) => !SIDEWAYS.has(`${name} → ${dependency}`))
      .filter((dependency) => (rowOf(dependency) ?? Infinity) >= row)
      .map((dependency) => `${name} → ${dependency}`);
  });
}

/** The imports of a package that its manifest does not declare, or that reach out of its folder. */
function importProblems({ folder, manifest }: WorkspacePackage): readonly string[] {
  return sourceFiles(folder).flatMap((file) =>
    importedModules(readFileSync(file, 'utf8'))
      .filter((module) => !isAllowedImport(module, file, { folder, manifest }))
      .map((module) => `${relative(root, file)}: ${module}`),
  );
}

function isAllowedImport(module: string, file: string, { folder, manifest }: WorkspacePackage): boolean {
  if (module.startsWith('.')) return resolve(dirname(file), module).startsWith(join(root, folder, '/'));
  if (isBuiltin(module)) return module.startsWith('node:');
  const name = module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/');
  if (runTimeDependencies(manifest).includes(name)) return true;
  if (!isTestFile(file) && manifest.private !== true) return false;
  return name === manifest.name || Object.hasOwn(manifest.devDependencies ?? {}, name);
}

describe('the layers', () => {
  const packages = workspacePackages();

  it('hold in every manifest of the workspace', () => {
    expect(packages.map(({ manifest }) => manifest.name)).toContain('@hostler/kernel');
    expect(layerProblems(packages.map(({ manifest }) => manifest))).toEqual([]);
  });

  it.each<[string, Manifest, readonly string[]]>([
    ['a package without a row', { name: '@hostler/new' }, ['@hostler/new has no row']],
    ['a name that objects are born with', { name: 'constructor' }, ['constructor has no row']],
    ['an arrow down', { name: '@hostler/host', dependencies: { '@hostler/router': '' } }, []],
    [
      'an arrow up',
      { name: '@hostler/kernel', dependencies: { '@hostler/protocol': '' } },
      ['@hostler/kernel → @hostler/protocol'],
    ],
    [
      'an arrow sideways',
      { name: '@hostler/router', dependencies: { '@hostler/upstream': '' } },
      ['@hostler/router → @hostler/upstream'],
    ],
    [
      'an arrow up among peers',
      { name: '@hostler/secrets', peerDependencies: { '@hostler/host': '' } },
      ['@hostler/secrets → @hostler/host'],
    ],
    [
      'an arrow up among optional dependencies',
      { name: '@hostler/secrets', optionalDependencies: { '@hostler/runtime': '' } },
      ['@hostler/secrets → @hostler/runtime'],
    ],
    ['any arrow for tests', { name: '@hostler/kernel', devDependencies: { '@hostler/test-kit': '' } }, []],
    [
      'a need for a private package',
      { name: '@hostler/host', dependencies: { '@hostler/test-kit': '' } },
      ['@hostler/host → @hostler/test-kit'],
    ],
    ['the one arrow sideways', { name: '@hostler/cli', dependencies: { '@hostler/api': '' } }, []],
    [
      'the same arrow the other way',
      { name: '@hostler/api', dependencies: { '@hostler/cli': '' } },
      ['@hostler/api → @hostler/cli'],
    ],
    ['a private package', { name: '@hostler/bench', private: true, dependencies: { '@hostler/runtime': '' } }, []],
    ['a free package that is not private', { name: '@hostler/tests' }, ['@hostler/tests is not private']],
  ])('are checked on %s', (_, manifest, problems) => {
    expect(layerProblems([manifest])).toEqual(problems);
  });

  it.each(packages.map((each) => [each.manifest.name, each] as const))(
    '%s imports only what its manifest declares',
    (_, each) => {
      expect(importProblems(each)).toEqual([]);
    },
  );

  it('are read from every form of import', () => {
    const source = [
      "import { a } from 'one';",
      "import type { B } from 'two';",
      'import {',
      '  c,',
      "} from 'three';",
      "export { d } from 'four';",
      "export * from 'five';",
      "import 'six';",
      "const e = await import('seven');",
      "type F = import('eight').F;",
      "// import g from 'not';",
      "/* import h from 'not'; */",
      ' * import i from the other one',
    ].join('\n');
    expect(importedModules(source).toSorted()).toEqual([
      'eight',
      'five',
      'four',
      'one',
      'seven',
      'six',
      'three',
      'two',
    ]);
  });

  it.each([
    ['./other.ts', 'packages/kernel/src/a.ts', true],
    ['../test/a.ts', 'packages/kernel/src/a.test.ts', true],
    ['../../protocol/src/index.ts', 'packages/kernel/src/a.ts', false],
    ['node:fs', 'packages/kernel/src/a.ts', true],
    ['fs', 'packages/kernel/src/a.ts', false],
    ['declared', 'packages/kernel/src/a.ts', true],
    ['declared/sub', 'packages/kernel/src/a.ts', true],
    ['@scope/declared/sub', 'packages/kernel/src/a.ts', true],
    ['@scope/other', 'packages/kernel/src/a.ts', false],
    ['undeclared', 'packages/kernel/src/a.ts', false],
    ['for-tests', 'packages/kernel/src/a.ts', false],
    ['for-tests', 'packages/kernel/src/a.test.ts', true],
    ['for-tests', 'packages/kernel/test/a.ts', true],
  ])('let %s be imported in %s: %s', (module, file, allowed) => {
    const manifest = {
      name: '@hostler/kernel',
      dependencies: { declared: '', '@scope/declared': '' },
      devDependencies: { 'for-tests': '' },
    };
    expect(isAllowedImport(module, join(root, file), { folder: 'packages/kernel', manifest })).toBe(allowed);
  });
});
