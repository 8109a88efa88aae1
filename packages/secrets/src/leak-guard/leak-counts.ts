import type { Clock, Logger } from '@hostler/kernel';
import type { LeakDirection } from './leak-policy.ts';

const MINUTE = 60_000;
/** Names of secrets and servers come from the configuration, so this is reached only by one that never stops changing. */
const MAX_ROWS = 10_000;

export type LeakAction = 'masked' | 'refused';

/** How often a secret was found where it must not pass. */
export interface LeakCount {
  /** Its reference; never its value. */
  readonly secret: string;
  readonly server: string;
  readonly direction: LeakDirection;
  readonly action: LeakAction;
  readonly count: number;
}

export interface Leak {
  readonly names: ReadonlySet<string>;
  readonly server: string;
  readonly direction: LeakDirection;
  readonly action: LeakAction;
}

interface Row {
  readonly secret: string;
  readonly server: string;
  readonly direction: LeakDirection;
  readonly counts: Map<LeakAction, number>;
  loggedAt: number;
}

/** Counts each leak and writes at most one line a minute for each secret, server and direction. */
export class LeakCounts {
  readonly #rows = new Map<string, Row>();
  readonly #log: Logger;
  readonly #clock: Clock;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  add({ names, server, direction, action }: Leak): void {
    for (const secret of names) {
      const row = this.#rowOf(secret, server, direction);
      const count = (row.counts.get(action) ?? 0) + 1;
      row.counts.set(action, count);
      const now = this.#clock.now();
      if (now - row.loggedAt < MINUTE) continue;
      row.loggedAt = now;
      this.#log.warn({ secret, server, direction, action, count }, messageOf(direction, action));
    }
  }

  list(): readonly LeakCount[] {
    return [...this.#rows.values()].flatMap(({ secret, server, direction, counts }) =>
      [...counts].map(([action, count]) => ({ secret, server, direction, action, count })),
    );
  }

  #rowOf(secret: string, server: string, direction: LeakDirection): Row {
    const key = JSON.stringify([secret, server, direction]);
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row: Row = { secret, server, direction, counts: new Map(), loggedAt: -Infinity };
    const oldest = this.#rows.keys().next();
    if (this.#rows.size >= MAX_ROWS && oldest.done !== true) this.#rows.delete(oldest.value);
    this.#rows.set(key, row);
    return row;
  }
}

function messageOf(direction: LeakDirection, action: LeakAction): string {
  const what =
    direction === 'result' ? 'a server said a secret' : 'a client sent a secret to a server that has not got it';
  // Not after a colon: there the log takes what follows the word for the secret itself.
  return `${what}, which was ${action}`;
}
