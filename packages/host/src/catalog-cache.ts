import type { OfferSpec } from '@hostler/kernel';
import { offerServer } from '@hostler/router';
import type { DefinitionLists, OfferedServer } from '@hostler/router';
import type { ServedCatalog } from './served-catalog.ts';
import { changedKinds, NO_LISTS } from './server-lists.ts';

export interface OfferKey {
  readonly server: string;
  readonly offer: OfferSpec | undefined;
  readonly naming: 'public' | 'own';
  readonly isStale: boolean;
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
const MAX_CATALOGS = 4;

/**
 * What is made of servers' lists, made once however many clients see it: those with connections of their own mostly see
 * the same as all others.
 */
export class CatalogCache {
  readonly #interned = new Map<string, readonly DefinitionLists[]>();
  readonly #translated = new WeakMap<DefinitionLists, DefinitionLists>();
  readonly #offers = new WeakMap<DefinitionLists, readonly KeptOffer[]>();
  readonly #unknown = new Map<string, KeptOffer>();
  #catalogs: readonly KeptCatalog[] = [];

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
    const present = (this.#offers.get(lists) ?? []).filter((kept) => kept.key.offer === key.offer);
    const known = present.find(({ key: other }) => other.naming === key.naming && other.isStale === key.isStale);
    if (known) return known.offered;
    const offered = offerServer({ ...key, lists });
    this.#offers.set(lists, [...present, { key, offered }]);
    return offered;
  }

  /** The catalog of exactly these, or a new one. */
  catalog(offered: readonly OfferedServer[], make: () => ServedCatalog): ServedCatalog {
    const known = this.#catalogs.find((kept) => isSame(kept.offered, offered));
    const kept = known ?? { offered, catalog: make() };
    this.#catalogs = [kept, ...this.#catalogs.filter((other) => other !== known)].slice(0, MAX_CATALOGS);
    return kept.catalog;
  }

  forget(server: string): void {
    this.#interned.delete(server);
    this.#unknown.delete(server);
    this.#catalogs = this.#catalogs.filter(({ offered }) => offered.every((one) => one.server !== server));
  }

  #offeredUnknown(key: OfferKey): OfferedServer {
    const known = this.#unknown.get(key.server);
    if (known && known.key.offer === key.offer) return known.offered;
    const offered = { ...offerServer({ ...key, lists: NO_LISTS }), conflicts: [] };
    this.#unknown.set(key.server, { key, offered });
    return offered;
  }
}

function isSame(one: readonly OfferedServer[], other: readonly OfferedServer[]): boolean {
  return one.length === other.length && one.every((server, index) => server === other[index]);
}
