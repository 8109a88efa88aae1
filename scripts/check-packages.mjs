#!/usr/bin/env node
// Checks every publishable package as its installer would see it: manifest, files, types. Run after `pnpm build`.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const problems = [];

for (const folder of ['packages', 'apps'].flatMap((parent) =>
  readdirSync(root + parent).map((name) => `${parent}/${name}`),
)) {
  const manifest = JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8'));
  if (manifest.private) continue;
  for (const command of [
    ['publint', '--strict'],
    // Only the package's own files are looked at: what it depends on is checked in its own turn.
    ['attw', '--pack', '.', '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'],
  ]) {
    const { status, stdout, stderr } = spawnSync('pnpm', ['exec', ...command], {
      cwd: root + folder,
      encoding: 'utf8',
    });
    if (status !== 0) problems.push(`${manifest.name}: ${command[0]}\n${stdout}${stderr}`);
  }
  if (manifest.license !== 'Apache-2.0') problems.push(`${manifest.name}: license is not Apache-2.0`);
  console.log(`checked ${manifest.name}`);
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
