import type { Era } from '@hostler/kernel';
import type { ListName } from '@hostler/protocol';
import { metaKeys } from '@hostler/protocol';
import { listPage, startOfPage } from '@hostler/router';
import type { Catalog } from '@hostler/router';
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

/** One page, once for each head that it was asked for with. */
interface KeptPage {
  readonly next: number | undefined;
  readonly results: Map<string, KeptResult>;
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
  /**
   * By kind and start, where a walk from the start leads: others come of changes or of made-up cursors, and would fill the
   * memory.
   */
  readonly #pages = new Map<string, KeptPage>();
  /** Where pages begin, by kind and the cursor that leads there: not looked for among all entries. */
  readonly #starts = new Map<string, number>();

  constructor(options: ServedCatalogOptions) {
    this.#options = options;
    this.#catalog = options.catalog;
  }

  result({ kind, cursor, era, isPrivate }: WantedPage): Uint8Array {
    const start = this.#startOf(kind, cursor);
    const head = era === 'legacy' ? '{' : modernHead(this.#freshness(kind, isPrivate));
    const form = era === 'legacy' ? 'legacy' : isPrivate ? 'private' : 'public';
    const page = this.#pages.get(`${kind} ${start}`);
    const kept = page?.results.get(form);
    if (kept?.head === head) return kept.bytes;
    const known = page?.results.values().next().value;
    if (page === undefined || known === undefined) return this.#make(kind, start, { form, head });
    const bytes = withHead(head, known.bytes.subarray(known.head.length, -CLOSE.length));
    page.results.set(form, { head, bytes });
    return bytes;
  }

  #startOf(kind: ListName, cursor: string | undefined): number {
    if (cursor === undefined) return 0;
    return this.#starts.get(`${kind} ${cursor}`) ?? startOfPage(this.#catalog, kind, cursor);
  }

  #freshness(kind: ListName, isPrivate: boolean): Freshness {
    const freshness = this.#options.freshness(kind);
    return isPrivate ? { ...freshness, cacheScope: 'private' } : freshness;
  }

  #make(kind: ListName, start: number, { form, head }: { readonly form: string; readonly head: string }): Uint8Array {
    const { members, next, cursor } = listPage(this.#catalog, kind, start);
    const bytes = withHead(head, members);
    if (this.#isRegular(kind, start)) {
      this.#pages.set(`${kind} ${start}`, { next, results: new Map([[form, { head, bytes }]]) });
      if (next !== undefined) this.#starts.set(`${kind} ${cursor}`, next);
    }
    return bytes;
  }

  #isRegular(kind: ListName, start: number): boolean {
    if (start === 0) return true;
    for (let at = 0; ;) {
      const next = this.#pages.get(`${kind} ${at}`)?.next;
      if (next === undefined || next >= start) return next === start;
      at = next;
    }
  }
}

function withHead(head: string, members: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(head), members, CLOSE]);
}

/** What is left of the promise in whole seconds: pages stay as they are in between, and never promise too much. */
function modernHead({ ttlMs, cacheScope }: Freshness): string {
  const promised = Math.floor(ttlMs / 1_000) * 1_000;
  return `{"resultType":"complete","ttlMs":${promised},"cacheScope":"${cacheScope}","_meta":${META},`;
}

const META = JSON.stringify({ [metaKeys.serverInfo]: hostInfo });
const CLOSE = Buffer.from('}');
