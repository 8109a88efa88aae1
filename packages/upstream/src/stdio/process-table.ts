import { readdir, readFile } from 'node:fs/promises';

/** One process as the kernel lists it. */
export interface ProcessEntry {
  readonly id: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Ticks since boot; together with the id it names a process for good, since ids are used again. */
  readonly startedAt: string;
}

/** All processes that run, without those that have ended and only wait to be noticed. Linux only: empty elsewhere. */
export async function readProcessTable(): Promise<ProcessEntry[]> {
  const names = await readdir('/proc').catch(() => []);
  const entries = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readEntry));
  return entries.filter((entry) => entry !== undefined);
}

async function readEntry(id: string): Promise<ProcessEntry | undefined> {
  // A process that ends while the table is read is one that need not be in it.
  const stat = await readFile(`/proc/${id}/stat`, 'latin1').catch(() => '');
  // The name stands in parentheses and may itself hold some. Source: proc_pid_stat(5).
  const [state, parent, group, session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startedAt = rest[15];
  if (startedAt === undefined || state === 'Z' || state === 'X') return undefined;
  return { id: Number(id), parent: Number(parent), group: Number(group), session: Number(session), startedAt };
}
