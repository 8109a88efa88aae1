import { readdirSync, readFileSync } from 'node:fs';

/** A number of a process is used again; with the time of its start it is not. */
export interface KnownProcess {
  readonly pid: number;
  readonly started: string;
}

export function processAt(pid: number): KnownProcess | undefined {
  try {
    // The name, in brackets, may hold spaces and brackets. Source: proc_pid_stat(5), fields 3 and 22.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { pid, started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

export function isSame(known: KnownProcess): boolean {
  return processAt(known.pid)?.started === known.started;
}

/** The memory that processes have now, each for itself. */
export function residentMiB(pids: readonly number[]): number {
  const sizes = pids.map((pid) => {
    try {
      return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
    } catch {
      return Number.NaN;
    }
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

export function descendantsOf(pid: number): number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendantsOf)];
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
      const text = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim();
      return text === '' ? [] : text.split(' ').map(Number);
    });
  } catch {
    return [];
  }
}
