import { readProcessTable } from './process-table.ts';
import type { ProcessEntry } from './process-table.ts';

/**
 * A child and everything it started. On Unix the child leads a process group and a session of its own; on Linux,
 * descendants that left both are known too when they were seen before their parent ended.
 */
export class ProcessFamily {
  readonly leader: number;
  readonly #seen = new Map<number, string>();
  readonly #platform: NodeJS.Platform;

  constructor(leader: number, platform: NodeJS.Platform = process.platform) {
    this.leader = leader;
    this.#platform = platform;
  }

  /** The members that still run, the leader included. */
  async living(): Promise<number[]> {
    if (this.#platform !== 'linux') return this.#groupIsAlive() ? [this.leader] : [];
    const members = membersOf(await readProcessTable(), (entry) => this.#isMember(entry));
    for (const { id, startedAt } of members) this.#seen.set(id, startedAt);
    return members.map(({ id }) => id);
  }

  /** Signals the group, and each member that left it. */
  async signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const living = await this.living();
    if (living.length === 0) return;
    // Windows has neither groups nor signals: this ends the leader alone.
    trySignal(this.#platform === 'win32' ? this.leader : -this.leader, name);
    for (const id of living) if (id !== this.leader) trySignal(id, name);
  }

  #isMember({ id, group, session, startedAt }: ProcessEntry): boolean {
    const seen = this.#seen.get(id);
    if (seen !== undefined) return seen === startedAt;
    return id === this.leader || group === this.leader || session === this.leader;
  }

  #groupIsAlive(): boolean {
    return trySignal(this.#platform === 'win32' ? this.leader : -this.leader, 0);
  }
}

/** The members and all their descendants. */
function membersOf(table: readonly ProcessEntry[], isMember: (entry: ProcessEntry) => boolean): ProcessEntry[] {
  const members = new Map(table.filter(isMember).map((entry) => [entry.id, entry]));
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const entry of table) if (members.has(entry.parent)) members.set(entry.id, entry);
  }
  return [...members.values()];
}

/** @returns false when there is nobody to signal. */
function trySignal(id: number, name: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(id, name);
  } catch {
    // It ended in the meantime, which is what was wanted.
    return false;
  }
}
