#!/usr/bin/env node
// Checks every publishable package as its installer would see it: manifest, README, files, source maps, types. Run after
// `pnpm build`. With names, these packages only: pnpm check:packages @hostler/kernel
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestProblems } from './packages/manifest-problems.ts';
import { publicPackages, root } from './packages/public-packages.ts';
import { readmeProblems } from './packages/readme-problems.ts';
import { tarballProblems } from './packages/tarball-problems.ts';

const license = readFileSync(join(root, 'LICENSE'), 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'hostler-packages-'));
const wanted = process.argv.slice(2);
const problems = [];

/** @returns what it printed; undefined when it failed, which is then among the problems */
function run(name, [command, ...args], cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000 });
  if (status === 0) return stdout;
  problems.push(`${name}: ${args.join(' ')}\n${stdout}${stderr}${error?.message ?? ''}`);
  return undefined;
}

/** Packed as it is published, unpacked as it is installed. */
function checkTarball({ name }, folder) {
  const target = join(scratch, name.replace('/', '-'));
  mkdirSync(target);
  if (run(name, ['pnpm', 'pack', '--out', join(target, 'package.tgz')], folder) === undefined) return;
  const tarball = join(target, 'package.tgz');
  if (run(name, ['tar', '-xzf', tarball, '-C', target], folder) === undefined) return;
  for (const problem of tarballProblems(join(target, 'package'), license)) problems.push(`${name}: ${problem}`);
  run(name, ['pnpm', 'exec', 'publint', '--strict', tarball], root);
  // Only the package's own files are looked at: what it depends on is checked in its own turn.
  run(name, ['pnpm', 'exec', 'attw', tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'], root);
}

try {
  const all = publicPackages();
  const unknown = wanted.filter((name) => !all.some(({ manifest }) => manifest.name === name));
  if (unknown.length > 0) problems.push(`no such package: ${unknown.join(', ')}`);
  for (const each of all.filter(({ manifest }) => wanted.length === 0 || wanted.includes(manifest.name))) {
    const { directory, manifest } = each;
    const folder = join(root, directory);
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    for (const problem of [...manifestProblems(each), ...readmeProblems(readme, manifest)]) {
      problems.push(`${manifest.name}: ${problem}`);
    }
    checkTarball(manifest, folder);
    console.log(`checked ${manifest.name}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
