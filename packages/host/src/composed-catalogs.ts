import type { Era, View } from '@hostler/kernel';
import { legacyTool, toolWithoutTasks } from '@hostler/protocol';
import { buildCatalog, buildOwnCatalog } from '@hostler/router';
import type { DefinitionLists, OfferedServer } from '@hostler/router';
import type { Pool } from '@hostler/upstream';
import { MAX_VIEWS } from './catalog-cache.ts';
import type { CatalogCache } from './catalog-cache.ts';
import type { DriftWatch } from './drift/drift-watch.ts';
import type { ListSlot } from './list-slot.ts';
import { RecentMap } from './recent-map.ts';
import { serveCatalog } from './served-catalog.ts';
import type { ServedCatalog } from './served-catalog.ts';
import { leastFresh } from './server-lists.ts';
import { isFull } from './views.ts';

export interface ComposedCatalogsOptions {
  readonly pool: Pick<Pool, 'spec' | 'states'>;
  readonly cache: CatalogCache;
  /** Absent: definitions are not compared with anything. */
  readonly drift?: DriftWatch | undefined;
  /** Of the clients that they are for. */
  readonly era: Era;
  /** The lists of each server, as they are known at the moment. */
  readonly slots: ReadonlyMap<string, ListSlot>;
  readonly onCompose: () => void;
}

/** What is served of lists: put together for each view when somebody asks, and kept until they are others. */
export class ComposedCatalogs {
  readonly #options: ComposedCatalogsOptions;
  #served: ServedCatalog | undefined;
  readonly #own = new Map<string, ServedCatalog>();
  /** The same for those who do not see everything, by the key of their view. */
  readonly #narrow = new RecentMap<ServedCatalog>(MAX_VIEWS);
  /** By server and key. */
  readonly #narrowOwn = new RecentMap<ServedCatalog>(MAX_VIEWS * 4);

  constructor(options: ComposedCatalogsOptions) {
    this.#options = options;
  }

  /** All servers together. */
  all(view: View): ServedCatalog {
    if (isFull(view)) return (this.#served ??= this.#compose(view));
    const known = this.#narrow.get(view.key);
    if (known) return known;
    const made = this.#compose(view);
    this.#narrow.set(view.key, made);
    return made;
  }

  /** One server under its own names. */
  one(server: string, view: View): ServedCatalog {
    const isShared = isFull(view);
    const kept = isShared ? this.#own : this.#narrowOwn;
    const key = isShared ? server : `${server} ${view.key}`;
    const known = kept.get(key);
    if (known) return known;
    const made = this.#composeOwn(server, view);
    kept.set(key, made);
    return made;
  }

  /** What was composed may not be right any more. */
  clear(): void {
    this.#served = undefined;
    this.#own.clear();
    this.#narrow.clear();
    this.#narrowOwn.clear();
  }

  /** What is hidden goes before anything is made public: it takes no URI from what is not. */
  #compose(view: View): ServedCatalog {
    const { pool, cache, era, slots, onCompose } = this.#options;
    const seen = pool.states().filter(({ name }) => view.hasServer(name));
    const offered = seen.map(({ name }) => cache.narrowed(this.#offered(name, 'public'), view));
    const seenSlots = (): readonly ListSlot[] =>
      [...slots].flatMap(([server, slot]) => (view.hasServer(server) ? [slot] : []));
    const make = (): ServedCatalog =>
      serveCatalog({
        catalog: buildCatalog(offered),
        freshness: (kind) => leastFresh(seenSlots().map((slot) => slot.freshness(kind))),
      });
    onCompose();
    // Legacy clients are promised nothing about freshness: those who see the same are served the same bytes.
    return era === 'legacy' ? cache.catalog(offered, view, make) : make();
  }

  #composeOwn(server: string, view: View): ServedCatalog {
    const { cache, slots, onCompose } = this.#options;
    onCompose();
    return serveCatalog({
      catalog: buildOwnCatalog(cache.narrowed(this.#offered(server, 'own'), view)),
      freshness: (kind) => leastFresh([slots.get(server)?.freshness(kind)]),
    });
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

/** Tools of a modern server as a legacy client can take them. */
function toLegacy(lists: DefinitionLists): DefinitionLists {
  return { ...lists, tool: lists.tool.map(({ key, bytes }) => ({ key, bytes: toolWithoutTasks(legacyTool(bytes)) })) };
}

/** Tools of a legacy server as a modern client can take them: it starts tasks in another way. */
function toModern(lists: DefinitionLists): DefinitionLists {
  return { ...lists, tool: lists.tool.map(({ key, bytes }) => ({ key, bytes: toolWithoutTasks(bytes) })) };
}
