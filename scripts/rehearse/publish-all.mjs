import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every package of the workspace that others install. */
export function publicPackages() {
  return ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)))
    .map((folder) => ({ folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter((manifest) => manifest.private !== true);
}

export function publishAll({ url, env }) {
  const args = ['--recursive', 'publish', '--no-git-checks', '--registry', url];
  run('pnpm', args, { cwd: root, env });
  for (const { name, version } of publicPackages()) {
    const published = run('npm', ['view', name, 'version', '--registry', url], { cwd: root, env }).trim();
    if (published !== version) throw new Error(`${name}@${version} was not published`);
    console.log(`${name}@${version}`);
  }
}
