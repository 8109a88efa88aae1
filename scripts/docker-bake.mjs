#!/usr/bin/env node
// `docker buildx bake` with what the labels say of this checkout: the version, the commit and its date. Whatever the
// environment sets stays as it is; arguments are handed on.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../apps/api/package.json', import.meta.url), 'utf8'));

/** Absent outside a clone of the repository. */
function git(...words) {
  const { status, stdout } = spawnSync('git', words, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}

const labels = {
  VERSION: version,
  GIT_COMMIT: git('rev-parse', 'HEAD'),
  // The same commit gives the same image.
  BUILD_DATE: git('log', '-1', '--format=%cI') || new Date().toISOString(),
};
const { status, error } = spawnSync('docker', ['buildx', 'bake', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...labels, ...process.env },
});
if (error) console.error(`docker cannot be started: ${error.message}`);
process.exit(status ?? 1);
