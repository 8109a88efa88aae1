import { spawn, spawnSync } from 'node:child_process';

/** Longest time of one command. */
const LONGEST = 300_000;

/** Runs a command to its end. @returns what it printed. @throws with all of it when it fails */
export function run(command, args, { cwd, env = {}, input, timeout = LONGEST }) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    input,
    encoding: 'utf8',
    timeout,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  throw failure([command, ...args], error?.message ?? signal ?? `exit code ${status}`, `${stdout}${stderr}`);
}

/** The same, while this process goes on: what it serves is answered. */
export async function runBeside(command, args, { cwd, env = {}, timeout = LONGEST }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => (printed[name] += text));
  const { promise, resolve } = Promise.withResolvers();
  child.once('error', (error) => resolve(error.message));
  child.once('close', (status, signal) => resolve(status === 0 ? undefined : (signal ?? `exit code ${status}`)));
  const problem = await promise;
  if (problem === undefined) return printed.stdout;
  throw failure([command, ...args], problem, `${printed.stdout}${printed.stderr}`);
}

function failure(line, problem, printed) {
  return new Error(`${line.join(' ')}: ${problem}\n${printed}`);
}
