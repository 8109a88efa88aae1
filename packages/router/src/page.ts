import { listKinds, protocolErrors } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import type { Catalog, CatalogEntry } from './catalog.ts';

/** Entries on one page: large, because many clients read the first page only. */
const PAGE_SIZE = 1000;

/**
 * One page of a catalog's list, as the bytes of a legacy list result. The cursor names the last entry of the page before,
 * so that pages stay right when the list grows or shrinks elsewhere between two requests.
 * @throws PROTOCOL_INVALID_PARAMS for a cursor that names nothing
 */
export function listPage(catalog: Catalog, kind: ListName, cursor?: string): Uint8Array {
  const entries = catalog.entries(kind);
  const start = cursor === undefined ? 0 : positionAfter(entries, kind, cursor);
  const page = entries.slice(start, start + PAGE_SIZE);
  const last = page.at(-1);
  const next = last !== undefined && start + page.length < entries.length ? toCursor(kind, last.publicKey) : undefined;
  const parts: Uint8Array[] = [Buffer.from(`{"${listKinds[kind].member}":[`)];
  for (const [index, { bytes }] of page.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(bytes);
  }
  parts.push(Buffer.from(next === undefined ? ']}' : `],"nextCursor":${JSON.stringify(next)}}`));
  return Buffer.concat(parts);
}

function toCursor(kind: ListName, publicKey: string): string {
  return Buffer.from(`${kind}:${publicKey}`).toString('base64url');
}

function positionAfter(entries: readonly CatalogEntry[], kind: ListName, cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const key = text.slice(kind.length + 1);
  const known = toCursor(kind, key) === cursor;
  const position = known ? entries.findIndex(({ publicKey }) => publicKey === key) : -1;
  if (position === -1) {
    throw protocolErrors.INVALID_PARAMS({ details: { problem: 'the cursor is unknown; list again from the start' } });
  }
  return position + 1;
}

const COMMA = Buffer.from(',');
