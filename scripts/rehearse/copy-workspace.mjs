import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../packages/public-packages.ts';
import { run } from './run.mjs';

/** What is under version control, and what is about to be, in a folder of its own, with its dependencies installed. */
export function copyWorkspace(registry) {
  const copy = join(registry.folder, 'copy');
  const listed = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of listed.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  const settings = ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@localhost', '-c', 'commit.gpgsign=false'];
  run('git', ['init', '--quiet', '--initial-branch=main'], { cwd: copy });
  run('git', ['add', '--all'], { cwd: copy });
  run('git', [...settings, 'commit', '--quiet', '--no-verify', '-m', 'before'], { cwd: copy });
  run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline'], { cwd: copy });
  return copy;
}
