import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

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

/** A process and those it started for its own work: the servers behind it are not the cost of what passes calls to them. */
export function ownProcesses(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap((child) => (isServer(child) ? [] : ownProcesses(child)))];
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

function isServer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('echo-stdio.ts');
  } catch {
    return false;
  }
}

export function cpuOfAll(pids: readonly number[]): number | undefined {
  const times = pids.flatMap((pid) => cpuMicroseconds(pid) ?? []);
  return times.length < pids.length ? undefined : times.reduce((sum, time) => sum + time, 0);
}

/** The most memory that processes had since they were asked to forget it, each for itself; undefined where nobody tells. */
export function peakMiB(pids: readonly number[]): number | undefined {
  try {
    return pids
      .map((pid) => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
      .reduce((sum, size) => sum + size, 0);
  } catch {
    return undefined;
  }
}

/** From now on the peak is counted anew, where the system lets us. Source: proc_pid_clear_refs(5). */
export function forgetPeak(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
    } catch {
      // Then it is the peak since the start.
    }
  }
}
