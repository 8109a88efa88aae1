import type { Clock, Era, View } from '@hostler/kernel';
import { legacyTool, toolWithoutTasks } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { buildCatalog, buildOwnCatalog } from '@hostler/router';
import type { DefinitionLists, OfferedServer } from '@hostler/router';
import type { Pool } from '@hostler/upstream';
import type { CatalogCache } from './catalog-cache.ts';
import type { DriftWatch } from './drift/drift-watch.ts';
import type { ListSlot } from './list-slot.ts';
import { serveCatalog } from './served-catalog.ts';
import type { ServedCatalog } from './served-catalog.ts';
import { leastFresh, LIST_NAMES } from './server-lists.ts';
import type { Freshness } from './server-lists.ts';
import { isFull } from './views.ts';
import { WeighedMap } from './weighed-map.ts';

export interface ComposedCatalogsOptions {
  readonly pool: Pick<Pool, 'spec' | 'names'>;
  readonly cache: CatalogCache;
  /** Absent: definitions are not compared with anything. */
  readonly drift?: DriftWatch | undefined;
  /** Of the clients that they are for. */
  readonly era: Era;
  /** The lists of each server, as they are known at the moment. */
  readonly slots: ReadonlyMap<string, ListSlot>;
  /** Counts what was read of them, whether it was other than before or not. */
  readonly readings: () => number;
  readonly clock: Clock;
}

interface Narrow {
  readonly view: View;
  readonly catalog: ServedCatalog;
}

/**
 * Bytes that the catalogs of all who do not see everything take, about.
 * Beyond that, those that nobody asked for of late are made anew when somebody does.
 */
const NARROW_BYTES = 128 * 1024 * 1024;
/** Of an entry beside its bytes, and of a server or a view. */
const ENTRY_BYTES = 100;
const SERVER_BYTES = 300;

/** What is served of lists: put together for each view when somebody asks, and kept until they are others. */
export class ComposedCatalogs {
  readonly #options: ComposedCatalogsOptions;
  #served: ServedCatalog | undefined;
  readonly #own = new Map<string, ServedCatalog>();
  /** The same for those who do not see everything, by the key of their view. */
  readonly #narrow = new WeighedMap<Narrow>(NARROW_BYTES);
  /** By server and key. */
  readonly #narrowOwn = new WeighedMap<ServedCatalog>(NARROW_BYTES / 4);
  /** The servers that they were made of. */
  #names: readonly string[] = [];

  constructor(options: ComposedCatalogsOptions) {
    this.#options = options;
  }

  /** All servers together. */
  all(view: View): ServedCatalog {
    const names = this.#options.pool.names();
    if (names !== this.#names) this.clear();
    this.#names = names;
    if (isFull(view)) return (this.#served ??= this.#compose(view).catalog);
    const known = this.#narrow.get(view.key);
    if (known) return known.catalog;
    const { catalog, offered } = this.#compose(view);
    this.#narrow.set(view.key, { view, catalog }, weightOf(offered));
    return catalog;
  }

  /** One server under its own names. */
  one(server: string, view: View): ServedCatalog {
    if (isFull(view)) {
      const made = this.#own.get(server) ?? this.#composeOwn(server, view).catalog;
      this.#own.set(server, made);
      return made;
    }
    const key = `${server} ${view.key}`;
    const known = this.#narrowOwn.get(key);
    if (known) return known;
    const { catalog, offered } = this.#composeOwn(server, view);
    this.#narrowOwn.set(key, catalog, weightOf([offered]));
    return catalog;
  }

  /** What was composed may not be right any more; with a name, only what this server is in. */
  clear(server?: string): void {
    this.#served = undefined;
    if (server === undefined) {
      this.#own.clear();
      this.#narrow.clear();
      this.#narrowOwn.clear();
      return;
    }
    this.#own.delete(server);
    for (const [key, { view }] of this.#narrow.entries()) if (view.hasServer(server)) this.#narrow.delete(key);
    for (const [key] of this.#narrowOwn.entries()) if (key.startsWith(`${server} `)) this.#narrowOwn.delete(key);
  }

  /** What is hidden goes before anything is made public: it takes no URI from what is not. */
  #compose(view: View): { readonly catalog: ServedCatalog; readonly offered: readonly OfferedServer[] } {
    const { cache, era, slots } = this.#options;
    const seen = this.#names.filter((name) => view.hasServer(name));
    const offered = seen.map((name) => cache.narrowed(this.#offered(name, 'public'), view));
    const seenSlots = (): readonly ListSlot[] =>
      [...slots].flatMap(([server, slot]) => (view.hasServer(server) ? [slot] : []));
    const make = (): ServedCatalog =>
      serveCatalog({ catalog: buildCatalog(offered, cache.tables), freshness: this.#freshness(seenSlots) });
    // Legacy clients are promised nothing about freshness: those who see the same are served the same bytes.
    return { offered, catalog: era === 'legacy' ? cache.catalog(offered, view, make) : make() };
  }

  #composeOwn(server: string, view: View): { readonly catalog: ServedCatalog; readonly offered: OfferedServer } {
    const { cache, slots } = this.#options;
    const offered = cache.narrowed(this.#offered(server, 'own'), view);
    const freshness = this.#freshness(() => [slots.get(server)].filter((slot) => slot !== undefined));
    return { offered, catalog: serveCatalog({ catalog: buildOwnCatalog(offered, cache.tables), freshness }) };
  }

  /** What the servers of these slots promise together, until something is read: all of them have to be asked. */
  #freshness(slots: () => readonly ListSlot[]): (kind: ListName) => Freshness {
    const { readings, clock } = this.#options;
    const kept = new Map<ListName, { readonly reading: number; readonly at: number; readonly least: Freshness }>();
    return (kind) => {
      const [now, reading, known] = [clock.now(), readings(), kept.get(kind)];
      if (known?.reading === reading) {
        const { ttlMs, cacheScope } = known.least;
        return { ttlMs: Math.max(0, ttlMs - Math.ceil(now - known.at)), cacheScope };
      }
      const least = leastFresh(slots().map((slot) => slot.freshness(kind)));
      kept.set(kind, { reading, at: now, least });
      return least;
    };
  }

  #offered(server: string, naming: 'public' | 'own'): OfferedServer {
    const { pool, cache, drift, era, slots } = this.#options;
    const { known, isStale = true } = slots.get(server) ?? {};
    const translate = era === 'legacy' ? toLegacy : toModern;
    const lists = known && (known.era === era ? known.lists : cache.translated(known.lists, translate));
    const offered = cache.offered(lists, {
      server,
      offer: pool.spec(server)?.offer,
      naming,
      isStale,
      suspicious: drift?.suspicious,
      // As the server gave them: the same in both eras.
      drift: known && !known.awaitsSignIn ? drift?.driftOf(server, known.lists, era) : undefined,
    });
    // What could not be read is not missing.
    return known?.failed.length ? { ...offered, conflicts: [] } : offered;
  }
}

/** What a catalog of these takes, with its pages. */
function weightOf(offered: readonly OfferedServer[]): number {
  let bytes = SERVER_BYTES * (offered.length + 1);
  for (const { entries } of offered) {
    for (const kind of LIST_NAMES) for (const entry of entries[kind]) bytes += entry.bytes.length + ENTRY_BYTES;
  }
  return bytes;
}

/** Tools of a modern server as a legacy client can take them. */
function toLegacy(lists: DefinitionLists): DefinitionLists {
  return { ...lists, tool: lists.tool.map(({ key, bytes }) => ({ key, bytes: toolWithoutTasks(legacyTool(bytes)) })) };
}

/** Tools of a legacy server as a modern client can take them: it starts tasks in another way. */
function toModern(lists: DefinitionLists): DefinitionLists {
  return { ...lists, tool: lists.tool.map(({ key, bytes }) => ({ key, bytes: toolWithoutTasks(bytes) })) };
}
