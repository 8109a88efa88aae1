import { readdirSync, readFileSync } from 'node:fs';

/** One line of `/proc/<pid>/stat`; proc(5). */
interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
}

/** Whether the process runs. A zombie has ended, only its parent has not asked yet. Linux only. */
export function alive(pid: number): boolean {
  const state = readStat(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** The living children, grandchildren … of a process, parents before their children. Linux only. */
export function descendants(pid: number): readonly number[] {
  const living = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? [])
    .filter((stat) => alive(stat.pid));
  const found = [pid];
  for (const parent of found) {
    found.push(...living.filter((stat) => stat.parent === parent).map((stat) => stat.pid));
  }
  return found.slice(1);
}

function readStat(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined; // It ended while we looked: the same as not being there.
  }
}

/** The second field is the command in parentheses and may itself hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat | undefined {
  const match = /^(?<pid>\d+) \(.*\) (?<state>\S) (?<parent>\d+) /s.exec(line);
  if (match?.groups === undefined) return undefined;
  const { pid, state, parent } = match.groups;
  return { pid: Number(pid), state: String(state), parent: Number(parent) };
}
