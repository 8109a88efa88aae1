import type { Conflict } from './conflict.ts';
import { KIND_WORDS, shown } from './conflict.ts';
import { appearance } from './lock/alike.ts';
import type { CatalogEntry, OfferedServer } from './offered-server.ts';

export type NamedKind = 'tool' | 'prompt';

/** The tools or prompts of one or several servers, by public name. */
export interface NameTable {
  readonly entries: () => readonly CatalogEntry[];
  readonly find: (publicKey: string) => CatalogEntry | undefined;
  readonly conflicts: readonly Conflict[];
}

interface OwnTable {
  readonly entries: readonly CatalogEntry[];
  readonly byKey: ReadonlyMap<string, CatalogEntry>;
  readonly conflicts: readonly Conflict[];
  /** Every public name begins with the name of the server. */
  readonly isPrefixed: boolean;
}

/** Longer names of servers are cut where they stand in front of others: see `publicName`. */
const MAX_PREFIX = 48;

/**
 * The names of each server, indexed once for all catalogs that it is in. A name says by its beginning whose it is, so that
 * a catalog of many servers needs no index of its own, and the views of the same servers share theirs.
 */
export class NameTables {
  readonly #own = { tool: new WeakMap<OfferedServer, OwnTable>(), prompt: new WeakMap<OfferedServer, OwnTable>() };

  of(kind: NamedKind, servers: readonly OfferedServer[]): NameTable {
    const tables = servers.map((offered) => this.#ownTable(kind, offered));
    const [first] = tables;
    if (tables.length === 1 && first !== undefined) return toTable(first);
    return areApart(servers) && tables.every(({ isPrefixed }) => isPrefixed)
      ? joined(servers, tables)
      : toTable(tableOf(kind, servers));
  }

  #ownTable(kind: NamedKind, offered: OfferedServer): OwnTable {
    const known = this.#own[kind].get(offered);
    if (known !== undefined) return known;
    const made = tableOf(kind, [offered]);
    this.#own[kind].set(offered, made);
    return made;
  }
}

/** No name of one can be, or look like, a name of another. What is public behind a prefix is ASCII: see `publicName`. */
function areApart(servers: readonly OfferedServer[]): boolean {
  const looks = new Set(servers.map(({ server }) => server.toLowerCase()));
  return looks.size === servers.length && servers.every(({ server }) => PLAIN.test(server));
}

const PLAIN = new RegExp(`^(?!.*__)[A-Za-z0-9_-]{0,${MAX_PREFIX - 1}}[A-Za-z0-9]$`);
const SEPARATOR = '__';

function joined(servers: readonly OfferedServer[], tables: readonly OwnTable[]): NameTable {
  const byServer = new Map(servers.map(({ server }, index) => [server, tables[index]]));
  let all: readonly CatalogEntry[] | undefined;
  return {
    entries: () => (all ??= tables.flatMap(({ entries }) => entries)),
    find: (publicKey) =>
      byServer.get(publicKey.slice(0, Math.max(0, publicKey.indexOf(SEPARATOR))))?.byKey.get(publicKey),
    conflicts: tables.flatMap(({ conflicts }) => conflicts),
  };
}

function toTable({ entries, byKey, conflicts }: OwnTable): NameTable {
  return { entries: () => entries, find: (publicKey) => byKey.get(publicKey), conflicts };
}

/** What stands first has its name; what looks like it is not offered. */
function tableOf(kind: NamedKind, servers: readonly OfferedServer[]): OwnTable {
  const byKey = new Map<string, CatalogEntry>();
  const looks = new Map<string, CatalogEntry>();
  const conflicts: Conflict[] = [];
  let isPrefixed = true;
  for (const { server, entries: own } of servers) {
    for (const entry of own[kind]) {
      const look = appearance(entry.publicKey);
      const served = looks.get(look);
      if (served !== undefined) conflicts.push(nameTaken(kind, entry, served));
      else {
        looks.set(look, entry);
        byKey.set(entry.publicKey, entry);
        isPrefixed &&= entry.publicKey.startsWith(`${server}${SEPARATOR}`);
      }
    }
  }
  return { entries: [...byKey.values()], byKey, conflicts, isPrefixed };
}

function nameTaken(kind: NamedKind, { server, key, publicKey }: CatalogEntry, served: CatalogEntry): Conflict {
  const isSame = publicKey === served.publicKey;
  const called = `would be called ${shown(publicKey)}, `;
  const twin = `${shown(served.key)} of ${served.server} is`;
  return {
    problem: isSame ? 'name-taken' : 'name-alike',
    server,
    kind,
    key,
    message:
      `The ${KIND_WORDS[kind]} ${shown(key)} of ${server} ${called}` +
      `${isSame ? 'as' : 'which looks like what'} ${twin}${isSame ? '' : ` called, ${shown(served.publicKey)}`}: it is not offered.`,
    mend: `Give one of the two another name in servers.${server}.${kind}s.`,
  };
}
