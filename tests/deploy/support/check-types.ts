import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Manifest } from './objects.ts';
import { repository, run } from './program.ts';

const require = createRequire(import.meta.url);
const models = dirname(require.resolve('kubernetes-models/package.json'));
const knative = dirname(require.resolve('@kubernetes-models/knative/package.json'));
const PROBLEM = /^objects\.ts\((\d+),\d+\): error TS\d+: (.*)$/;

/**
 * What the types of the Kubernetes API say against objects. Each is written as a literal of its type, so that the compiler
 * finds wrong types, missing members and, which a check by schema does not, members that do not exist.
 */
export async function checkTypes(objects: readonly Manifest[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-manifests-'));
  try {
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['objects.ts'] }));
    const lines = objects.flatMap(({ kind, ...rest }, index) => [
      `import type { I${kind} as Kind${index} } from '${packageOf(rest.apiVersion)}/${rest.apiVersion}';`,
      `export const object${index}: Kind${index} = ${JSON.stringify({ kind, ...rest }, undefined, 1)};`,
    ]);
    await writeFile(join(folder, 'objects.ts'), `${lines.join('\n')}\n`);
    const compiler = join(repository, 'node_modules/.bin/tsc');
    const { code, stdout, stderr } = await run(compiler, ['--noEmit', '--pretty', 'false', '-p', folder]);
    const said = stdout.split('\n').filter((line) => line.trim() !== '');
    if (code !== 0 && said.length === 0) throw new Error(stderr);
    return said.map((line) => describe(line, lines.join('\n').split('\n')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const compilerOptions = {
  strict: true,
  skipLibCheck: true,
  module: 'esnext',
  moduleResolution: 'bundler',
  target: 'esnext',
  types: [],
  paths: { 'kubernetes-models/*': [join(models, '*')], '@kubernetes-models/knative/*': [join(knative, '*')] },
};

function packageOf(apiVersion: string): string {
  return apiVersion.includes('.knative.dev/') ? '@kubernetes-models/knative' : 'kubernetes-models';
}

/** With the line of the object that the compiler means. */
function describe(said: string, source: readonly string[]): string {
  const [, line, problem] = PROBLEM.exec(said.replace(/^.*objects\.ts/, 'objects.ts')) ?? [];
  return line === undefined ? said : `${problem} (${(source[Number(line) - 1] ?? '').trim()})`;
}
