import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const canPin = spawnSync('taskset', ['--version']).status === 0;

export interface RunningProcess {
  readonly pid: number;
  /** The first lines of standard output, one a call. */
  line(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts `node <arguments>`, on one core where taskset exists, and reads its standard output line by line. */
export function startNode(nodeArguments: readonly string[], core: number): RunningProcess {
  const command = [process.execPath, ...nodeArguments];
  const [program = '', ...rest] = canPin ? ['taskset', '-c', String(core), ...command] : command;
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiters: ((line: string) => void)[] = [];
  let failed: Error | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const waiter = waiters.shift();
    if (waiter) waiter(line);
    else lines.push(line);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid ?? 0,
    line: () => nextLine(child, lines, waiters, () => failed),
    async stop() {
      failed = new Error('stopped');
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

function nextLine(
  child: ChildProcess,
  lines: string[],
  waiters: ((line: string) => void)[],
  failed: () => Error | undefined,
): Promise<string> {
  const line = lines.shift();
  if (line !== undefined) return Promise.resolve(line);
  return new Promise((resolve, reject) => {
    waiters.push(resolve);
    child.once('exit', (code) => reject(failed() ?? new Error(`${child.spawnargs.join(' ')} ended with ${code}`)));
  });
}

/** CPU time of a process with all its threads, in microseconds; NaN where the system does not tell. */
export function cpuMicroseconds(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000)
      .reduce((sum, time) => sum + time, 0);
  } catch {
    return Number.NaN;
  }
}

export const pinned: boolean = canPin;
