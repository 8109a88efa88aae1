import { listKinds, protocolErrors } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import type { Catalog } from './catalog.ts';
import type { CatalogEntry } from './offered-server.ts';

/** Entries on one page: many, because many clients read the first page only. */
const PAGE_ENTRIES = 1000;
/** Bytes on one page; one entry stands on it in any case. */
const PAGE_BYTES = 4 * 1024 * 1024;

export interface ListPage {
  /** The members of the result that hold the list and the cursor of the next page, without the braces around them. */
  readonly members: Uint8Array;
  /** Where the next page begins; absent on the last one. */
  readonly next?: number;
  /** What leads there. */
  readonly cursor?: string;
}

/** The page of a catalog's list that begins at this entry. */
export function listPage(catalog: Catalog, kind: ListName, start: number): ListPage {
  const entries = catalog.entries(kind);
  const end = endOfPage(entries, start);
  const last = entries[end - 1];
  const next = last !== undefined && end < entries.length ? toCursor(kind, last.publicKey) : undefined;
  const parts: Uint8Array[] = [Buffer.from(`"${listKinds[kind].member}":[`)];
  for (const [index, { bytes }] of entries.slice(start, end).entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(bytes);
  }
  parts.push(Buffer.from(next === undefined ? ']' : `],"nextCursor":${JSON.stringify(next)}`));
  return { members: Buffer.concat(parts), ...(next !== undefined && { next: end, cursor: next }) };
}

/**
 * Where the page of this cursor begins. The cursor names the last entry of the page before, so that pages stay right when
 * the list grows or shrinks elsewhere between two requests.
 * @throws PROTOCOL_INVALID_PARAMS for a cursor that names nothing
 */
export function startOfPage(catalog: Catalog, kind: ListName, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const key = text.slice(kind.length + 1);
  const known = toCursor(kind, key) === cursor;
  const position = known ? catalog.entries(kind).findIndex(({ publicKey }) => publicKey === key) : -1;
  if (position === -1) {
    throw protocolErrors.INVALID_PARAMS({ details: { problem: 'the cursor is unknown; list again from the start' } });
  }
  return position + 1;
}

function endOfPage(entries: readonly CatalogEntry[], start: number): number {
  let bytes = 0;
  let end = start;
  while (end < entries.length && end - start < PAGE_ENTRIES) {
    bytes += (entries[end] as CatalogEntry).bytes.length;
    if (bytes > PAGE_BYTES && end > start) break;
    end++;
  }
  return end;
}

function toCursor(kind: ListName, publicKey: string): string {
  return Buffer.from(`${kind}:${publicKey}`).toString('base64url');
}

const COMMA = Buffer.from(',');
