import { join } from 'node:path';
import { publicPackages } from '../packages/public-packages.ts';
import { run } from './run.mjs';

/** Each program that a package brings says what it takes, and which version it is. */
export function startPrograms(folders) {
  for (const { manifest } of publicPackages()) {
    for (const program of Object.keys(manifest.bin ?? {})) {
      const cwd = folders[manifest.name];
      const path = join(cwd, 'node_modules/.bin', program);
      const version = run(path, ['--version'], { cwd }).trim();
      if (version !== manifest.version)
        throw new Error(`${program} --version prints ${version}, not ${manifest.version}`);
      const help = run(path, ['--help'], { cwd });
      if (!help.includes(`Usage: ${program}`)) throw new Error(`${program} --help prints:\n${help}`);
      console.log(`${program} ${version}: --version and --help`);
    }
  }
}
