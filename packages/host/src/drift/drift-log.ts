import type { Logger } from '@hostler/kernel';
import type { Drift } from '@hostler/router';

/** Names that are written into one record. */
const MOST_NAMED = 20;

/** Told in what a server is not as it was approved; of one that is so again, with nothing. */
export type RecordDrift = (server: string, drift: readonly string[]) => void;

/** Writes of each server when it differs from what was approved in another way than before. */
export class DriftLog {
  readonly #log: Logger;
  readonly #record: RecordDrift | undefined;
  /** By server. */
  readonly #told = new Map<string, string>();

  constructor(log: Logger, record?: RecordDrift) {
    this.#log = log;
    this.#record = record;
  }

  tell(drifts: readonly Drift[]): void {
    const servers = Map.groupBy(drifts, ({ server }) => server);
    for (const server of this.#told.keys()) {
      if (servers.has(server)) continue;
      this.#told.delete(server);
      this.#log.info({ server }, 'the server is as it was approved');
      this.#record?.(server, []);
    }
    for (const [server, own] of servers) {
      const names = own.map(nameOf);
      const text = names.join('\n');
      if (this.#told.get(server) === text) continue;
      this.#told.set(server, text);
      const more = names.length > MOST_NAMED ? { more: names.length - MOST_NAMED } : {};
      this.#record?.(server, names);
      this.#log.warn(
        { server, drift: names.slice(0, MOST_NAMED), ...more },
        'the server is not as it was approved: look at it with hostler lock diff',
      );
    }
  }
}

function nameOf({ grade, kind, key, members, renamedFrom }: Drift): string {
  const subject = kind === undefined ? members.join(', ') : `${kind} ${JSON.stringify(key)}`;
  return `${grade}: ${subject}${renamedFrom === undefined ? '' : `, before ${JSON.stringify(renamedFrom)}`}`;
}
