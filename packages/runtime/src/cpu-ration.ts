import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/**
 * Whether the time of this process is rationed to less than that of two cores, as that of a container may be, although it
 * may run on more of them: what it spends while it waits, it and its children lack later.
 *
 * @param cores as many as there is time for: Node looks at both, cores and rations
 * @param allowed counts those that it may run on; looked at only where it matters
 */
export function isCpuRationed(cores = availableParallelism(), allowed: () => number = countAllowed): boolean {
  return cores === 1 && allowed() > 1;
}

function countAllowed(): number {
  try {
    return countCores(readFileSync('/proc/self/status', 'utf8')) ?? cpus().length;
  } catch {
    // Not Linux: what has no rations has no such file.
    return cpus().length;
  }
}

/** @param status as proc_pid_status(5) describes it: `Cpus_allowed_list:	0-3,8` are five */
export function countCores(status: string): number | undefined {
  const [, list] = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(status) ?? [];
  return list?.split(',').reduce((sum, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return sum + last - first + 1;
  }, 0);
}
