import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './run-program.mjs';
import { toolsFolder } from './places.mjs';

/**
 * Unpacks packages of the system's own Debian into a folder: nothing is installed, no service is started, and it takes no
 * root. apt checks the signatures.
 * @returns why it could not be done
 */
export function unpackDebian(names, target) {
  mkdirSync(target, { recursive: true });
  const downloads = mkdtempSync(join(toolsFolder, 'debian-'));
  try {
    const missing = runProgram('apt-get', ['download', '-qq', ...names], { cwd: downloads });
    if (missing !== undefined) return missing;
    for (const file of readdirSync(downloads).filter((name) => name.endsWith('.deb'))) {
      const broken = runProgram('dpkg-deb', ['-x', join(downloads, file), target]);
      if (broken !== undefined) return broken;
    }
    return undefined;
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
}
