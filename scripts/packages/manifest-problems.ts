import type { PackageManifest, PublicPackage } from './public-packages.ts';

const HOME = 'https://github.com/hostler/hostler';
const FILES = ['dist', 'src', '!src/**/*.test.ts'];

/** What is missing or other than everywhere in the manifest of a package that is published. */
export function manifestProblems({ directory, manifest }: PublicPackage): readonly string[] {
  const { name, version, description = '', keywords = [], repository, publishConfig = {} } = manifest;
  const wrong: readonly (readonly [isWrong: boolean, problem: string])[] = [
    [name !== `@hostler/${directory.split('/')[1]}`, 'name is not @hostler/ and the folder'],
    [!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version), 'version is none'],
    [description.length < 10 || description.endsWith('.'), 'description has no text, or ends in a full stop'],
    [keywords.length < 4 || !keywords.includes('mcp'), 'keywords are fewer than four, or without mcp'],
    [new Set(keywords).size !== keywords.length, 'keywords are there twice'],
    [
      manifest.homepage !== `${HOME}/tree/main/${directory}#readme`,
      `homepage is not ${HOME}/tree/main/${directory}#readme`,
    ],
    [manifest.bugs?.url !== `${HOME}/issues`, `bugs.url is not ${HOME}/issues`],
    [manifest.license !== 'Apache-2.0', 'license is not Apache-2.0'],
    [manifest.author !== 'The Hostler authors', 'author is not The Hostler authors'],
    [repository?.type !== 'git' || repository.url !== `git+${HOME}.git`, `repository is not git+${HOME}.git`],
    [repository?.directory !== directory, `repository.directory is not ${directory}`],
    [manifest.type !== 'module', 'type is not module'],
    [manifest.sideEffects !== false, 'sideEffects is not false'],
    [manifest.engines?.['node'] !== '>=24', 'engines.node is not >=24'],
    [publishConfig['access'] !== 'restricted', 'publishConfig.access is not restricted'],
    // Outside of the release workflow there is nobody who could attest it: publishing would fail.
    ['provenance' in publishConfig, 'publishConfig.provenance belongs into the release workflow'],
  ];
  const found = wrong.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
  const missing = FILES.filter((pattern) => !manifest.files?.includes(pattern)).map((file) => `files lacks ${file}`);
  return [...found, ...missing, ...exportProblems(manifest)];
}

function exportProblems({ exports = {} }: PackageManifest): readonly string[] {
  const entries = Object.entries(exports);
  const problems = entries.flatMap(([path, entry]) => {
    if (path === './package.json') return [];
    if (typeof entry === 'string') return [`exports ${path} names no types`];
    const base = /^\.\/src\/(.+)\.ts$/.exec(entry['@hostler/source'] ?? '')?.[1];
    const expected = {
      '@hostler/source': `./src/${base}.ts`,
      types: `./dist/${base}.d.ts`,
      default: `./dist/${base}.js`,
    };
    return JSON.stringify(entry) === JSON.stringify(expected)
      ? []
      : [`exports ${path} is not one file of src with its types and its code in dist, in this order`];
  });
  return [
    ...problems,
    ...(Object.hasOwn(exports, '.') ? [] : ['exports lacks .']),
    ...(exports['./package.json'] === './package.json' ? [] : ['exports lacks ./package.json']),
  ];
}
