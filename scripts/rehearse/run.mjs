import { spawnSync } from 'node:child_process';

/** Runs a command to its end. @returns what it printed. @throws with all of it when it fails */
export function run(command, args, { cwd, env = {}, input, timeout = 300_000 }) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    input,
    encoding: 'utf8',
    timeout,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  throw new Error(
    `${command} ${args.join(' ')}: ${error?.message ?? signal ?? `exit code ${status}`}\n${stdout}${stderr}`,
  );
}
