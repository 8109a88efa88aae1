import { spawnSync } from 'node:child_process';
import { repository } from './places.mjs';

/** Runs tests of the project `deploy`. @returns their exit code */
export function runTests(parameters) {
  const given = ['exec', 'vitest', 'run', '--project', 'deploy', ...parameters];
  const { status } = spawnSync('pnpm', given, { cwd: repository, stdio: 'inherit', timeout: 600_000 });
  return status ?? 1;
}
