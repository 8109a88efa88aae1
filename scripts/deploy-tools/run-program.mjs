import { spawnSync } from 'node:child_process';

/** Runs a program to its end. @returns undefined when it succeeded, or else why it did not */
export function runProgram(command, parameters, options = {}) {
  const { timeout = 300_000, ...rest } = options;
  const run = spawnSync(command, parameters, { encoding: 'utf8', timeout, maxBuffer: 64 * 1024 * 1024, ...rest });
  if (run.error !== undefined) return `${command}: ${run.error.message}`;
  if (run.status === 0) return undefined;
  const said = `${run.stderr ?? ''}${run.stdout ?? ''}`.trim().split('\n').slice(-5).join('; ');
  return `${command} ${parameters[0] ?? ''} exited with ${run.status ?? run.signal}: ${said}`;
}
