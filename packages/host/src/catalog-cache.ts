import type { OfferSpec, View } from '@hostler/kernel';
import { fullView, NameTables, narrowOffer, offerServer } from '@hostler/router';
import type { DefinitionLists, DriftOf, OfferedServer, SuspiciousPolicy } from '@hostler/router';
import { RecentMap } from './recent-map.ts';
import type { ServedCatalog } from './served-catalog.ts';
import { changedKinds, NO_LISTS } from './server-lists.ts';

export interface OfferKey {
  readonly server: string;
  readonly offer: OfferSpec | undefined;
  readonly naming: 'public' | 'own';
  readonly isStale: boolean;
  readonly suspicious?: SuspiciousPolicy | undefined;
  readonly drift?: DriftOf | undefined;
}

interface KeptOffer {
  readonly key: OfferKey;
  readonly offered: OfferedServer;
}

interface KeptCatalog {
  readonly offered: readonly OfferedServer[];
  readonly catalog: ServedCatalog;
}

/** Different lists of one server that are kept for comparison. */
const MAX_INTERNED = 4;
/** Of those that see everything; of any other view the latest is kept. */
const MAX_CATALOGS = 4;
/** Views for which something is kept of one server, or of all. */
const MAX_VIEWS = 64;

/**
 * What is made of servers' lists, made once however many clients see it: those with connections of their own mostly see
 * the same as all others.
 */
export class CatalogCache {
  readonly #interned = new Map<string, readonly DefinitionLists[]>();
  readonly #translated = new WeakMap<DefinitionLists, DefinitionLists>();
  readonly #offers = new WeakMap<DefinitionLists, readonly KeptOffer[]>();
  readonly #unknown = new Map<string, KeptOffer>();
  readonly #narrowed = new WeakMap<OfferedServer, RecentMap<OfferedServer>>();
  /** The names of each server, for all catalogs that it is in. */
  readonly tables = new NameTables();
  /** By the key of the view. */
  readonly #catalogs = new RecentMap<readonly KeptCatalog[]>(MAX_VIEWS + 1);

  /** Equal lists that are known already, or these. */
  intern(server: string, lists: DefinitionLists): DefinitionLists {
    const present = this.#interned.get(server) ?? [];
    const twin = present.find((known) => changedKinds(known, lists).length === 0);
    this.#interned.set(server, [twin ?? lists, ...present.filter((known) => known !== twin)].slice(0, MAX_INTERNED));
    return twin ?? lists;
  }

  translated(lists: DefinitionLists, translate: (lists: DefinitionLists) => DefinitionLists): DefinitionLists {
    const known = this.#translated.get(lists);
    if (known) return known;
    const made = translate(lists);
    this.#translated.set(lists, made);
    return made;
  }

  /** `lists` is undefined while nothing is known of the server: then nothing can be said against its configuration. */
  offered(lists: DefinitionLists | undefined, key: OfferKey): OfferedServer {
    if (lists === undefined) return this.#offeredUnknown(key);
    // A changed configuration leaves nothing behind.
    const present = (this.#offers.get(lists) ?? []).filter((kept) => isAlike(kept.key, key));
    const known = present.find(({ key: other }) => other.naming === key.naming && other.isStale === key.isStale);
    if (known) return known.offered;
    const offered = offerServer({ ...key, lists });
    this.#offers.set(lists, [...present, { key, offered }]);
    return offered;
  }

  /** What of it a view lets through: the same object for all who have this view. */
  narrowed(offered: OfferedServer, view: View): OfferedServer {
    if (view.hasAll?.(offered.server) === true) return offered;
    const kept = this.#narrowed.get(offered) ?? new RecentMap<OfferedServer>(MAX_VIEWS);
    this.#narrowed.set(offered, kept);
    const narrowed = kept.get(view.key) ?? narrowOffer(offered, view);
    kept.set(view.key, narrowed);
    return narrowed;
  }

  /** The catalog of exactly these, or a new one. */
  catalog(offered: readonly OfferedServer[], view: View, make: () => ServedCatalog): ServedCatalog {
    const present = this.#catalogs.get(view.key) ?? [];
    const known = present.find((kept) => isSame(kept.offered, offered));
    const kept = known ?? { offered, catalog: make() };
    const limit = view.key === fullView.key ? MAX_CATALOGS : 1;
    this.#catalogs.set(view.key, [kept, ...present.filter((other) => other !== known)].slice(0, limit));
    return kept.catalog;
  }

  forget(server: string): void {
    this.#interned.delete(server);
    this.#unknown.delete(server);
    for (const [key, catalogs] of this.#catalogs.entries()) {
      this.#catalogs.set(
        key,
        catalogs.filter(({ offered }) => offered.every((one) => one.server !== server)),
      );
    }
  }

  #offeredUnknown(key: OfferKey): OfferedServer {
    const known = this.#unknown.get(key.server);
    if (known && known.key.offer === key.offer) return known.offered;
    const offered = { ...offerServer({ ...key, lists: NO_LISTS }), conflicts: [] };
    this.#unknown.set(key.server, { key, offered });
    return offered;
  }
}

/** Whether the same is said of the server. */
function isAlike(one: OfferKey, other: OfferKey): boolean {
  return one.offer === other.offer && one.drift === other.drift && one.suspicious === other.suspicious;
}

function isSame(one: readonly OfferedServer[], other: readonly OfferedServer[]): boolean {
  return one.length === other.length && one.every((server, index) => server === other[index]);
}
