import type { Era } from '@hostler/kernel';
import type { ListName } from '@hostler/protocol';
import { metaKeys } from '@hostler/protocol';
import { listPage, startOfPage } from '@hostler/router';
import type { Catalog, ListPage } from '@hostler/router';
import { hostInfo } from '@hostler/upstream';
import type { Freshness } from './server-lists.ts';

export interface ServedCatalogOptions {
  readonly catalog: Catalog;
  /** What all servers together promise about a list at this moment. */
  readonly freshness: (kind: ListName) => Freshness;
}

interface KeptResult {
  readonly head: string;
  readonly bytes: Uint8Array;
}

/** A catalog with its pages, serialised once. */
export interface ServedCatalog extends Catalog {
  /** A result in the form of the era. @throws PROTOCOL_INVALID_PARAMS for a cursor that names nothing */
  page(wanted: WantedPage): Uint8Array;
}

export interface WantedPage {
  readonly kind: ListName;
  readonly cursor: string | undefined;
  readonly era: Era;
  /** Whatever the servers promise, nobody else may be given it. */
  readonly isPrivate: boolean;
}

export function serveCatalog(options: ServedCatalogOptions): ServedCatalog {
  const pages = new CatalogPages(options);
  return { ...options.catalog, page: (wanted) => pages.result(wanted) };
}

class CatalogPages {
  readonly #options: ServedCatalogOptions;
  readonly #catalog: Catalog;
  readonly #pages = new Map<string, ListPage>();
  readonly #results = new Map<string, KeptResult>();

  constructor(options: ServedCatalogOptions) {
    this.#options = options;
    this.#catalog = options.catalog;
  }

  result({ kind, cursor, era, isPrivate }: WantedPage): Uint8Array {
    const start = startOfPage(this.#catalog, kind, cursor);
    const head = era === 'legacy' ? '{' : modernHead(this.#freshness(kind, isPrivate));
    const key = `${era} ${kind} ${start} ${isPrivate && era === 'modern'}`;
    const kept = this.#results.get(key);
    if (kept?.head === head) return kept.bytes;
    const bytes = Buffer.concat([Buffer.from(head), this.#pageAt(kind, start).members, CLOSE]);
    if (this.#isRegular(kind, start)) this.#results.set(key, { head, bytes });
    return bytes;
  }

  #freshness(kind: ListName, isPrivate: boolean): Freshness {
    const freshness = this.#options.freshness(kind);
    return isPrivate ? { ...freshness, cacheScope: 'private' } : freshness;
  }

  #pageAt(kind: ListName, start: number): ListPage {
    const key = `${kind} ${start}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const page = listPage(this.#catalog, kind, start);
    if (this.#isRegular(kind, start)) this.#pages.set(key, page);
    return page;
  }

  /** Where a walk from the start leads: others come of changes or of made-up cursors, and would fill the memory. */
  #isRegular(kind: ListName, start: number): boolean {
    if (start === 0) return true;
    for (let at = 0; ;) {
      const next = this.#pages.get(`${kind} ${at}`)?.next;
      if (next === undefined || next >= start) return next === start;
      at = next;
    }
  }
}

/** What is left of the promise in whole seconds: pages stay as they are in between, and never promise too much. */
function modernHead({ ttlMs, cacheScope }: Freshness): string {
  const promised = Math.floor(ttlMs / 1_000) * 1_000;
  return `{"resultType":"complete","ttlMs":${promised},"cacheScope":"${cacheScope}","_meta":${META},`;
}

const META = JSON.stringify({ [metaKeys.serverInfo]: hostInfo });
const CLOSE = Buffer.from('}');
