import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Whether processes can be kept on one core each. */
export const pinned: boolean = spawnSync('taskset', ['--version']).status === 0;

export interface RunningProcess {
  readonly pid: number;
  /** Writes a line to its standard input, if one is given, and waits for the next line of its standard output. */
  line(command?: string): Promise<string>;
  stop(): Promise<void>;
}

/** The command line of `node <arguments>` on one core, where taskset exists. */
export function nodeCommand(nodeArguments: readonly string[], core: number): string[] {
  const command = [process.execPath, ...nodeArguments];
  return pinned ? ['taskset', '-c', String(core), ...command] : command;
}

/** Starts `node <arguments>` on one core. What it logs is shown only when it ends before it is stopped. */
export function startNode(nodeArguments: readonly string[], core: number): RunningProcess {
  const [program = '', ...rest] = nodeCommand(nodeArguments, core);
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-10_000);
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    pid: child.pid ?? 0,
    async line(command) {
      if (command !== undefined) child.stdin.write(`${command}\n`);
      const next = await lines.next();
      if (next.done !== true) return next.value;
      throw new Error(`"${nodeArguments.join(' ')}" ended with ${await ended}:\n${log}`);
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

/** CPU time of a process with all its threads, in microseconds; undefined where the system does not tell. */
export function cpuMicroseconds(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000)
      .reduce((sum, time) => sum + time, 0);
  } catch {
    return undefined;
  }
}
