import type { Client, Clock, Logger } from '@hostler/kernel';
import type { DefinitionLists } from '@hostler/router';
import type { Connection } from '@hostler/upstream';
import { fetchLists } from './fetch-lists.ts';
import type { ListLimits } from './fetch-lists.ts';
import { ReadingTurns } from './reading-turns.ts';
import type { ServerLists } from './server-lists.ts';

export interface ListReaderOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: ListLimits;
  /** Equal lists of that server that are known already, or these: default these. */
  readonly intern?: (server: string, lists: DefinitionLists) => DefinitionLists;
}

interface Reading {
  readonly version: number;
  readonly lists: Promise<ServerLists>;
}

/** Reads lists, once for each connection however many catalogs need them, until they are outdated. */
export class ListReader {
  readonly #options: ListReaderOptions;
  readonly #readings = new WeakMap<Connection, Reading>();
  /** Counts what was announced of each server. */
  readonly #versions = new Map<string, number>();

  readonly #turns: ReadingTurns;

  constructor(options: ListReaderOptions) {
    this.#options = options;
    this.#turns = new ReadingTurns(options.clock);
  }

  /** What was read of the server so far counts no longer. */
  outdate(server: string): void {
    this.#versions.set(server, this.#versionOf(server) + 1);
  }

  forget(server: string): void {
    this.#versions.delete(server);
  }

  read(server: string, connection: Connection, client: Client): Promise<ServerLists> {
    const version = this.#versionOf(server);
    const present = this.#readings.get(connection);
    if (present?.version === version) return present.lists;
    const lists = this.#turns.take(() => this.#fetch(server, connection, client));
    this.#readings.set(connection, { version, lists });
    lists.catch(() => this.#readings.delete(connection));
    return lists;
  }

  /** What is read again is mostly what is known: it would be kept twice, once here. */
  async #fetch(server: string, connection: Connection, client: Client): Promise<ServerLists> {
    const { log, limits, intern } = this.#options;
    const read = await fetchLists({ log, limits, server, connection, ...(client.session ? { client } : {}) });
    return intern === undefined ? read : { ...read, lists: intern(server, read.lists) };
  }

  #versionOf(server: string): number {
    return this.#versions.get(server) ?? 0;
  }
}
