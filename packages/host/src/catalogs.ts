import type { Client, Logger } from '@hostler/kernel';
import { listKinds } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { buildCatalog, listPage } from '@hostler/router';
import type { Catalog, ServerLists } from '@hostler/router';
import type { Connection, Pool } from '@hostler/upstream';
import { fetchLists } from './fetch-lists.ts';
import type { ListLimits } from './fetch-lists.ts';

/** A catalog with its pages, serialised once. */
export interface ServedCatalog extends Catalog {
  page(kind: ListName, cursor: string | undefined): Uint8Array;
}

export interface CatalogsOptions {
  readonly pool: Pool;
  readonly log: Logger;
  readonly limits: ListLimits;
}

/** The catalogs of all servers together, as each kind of client sees them, rebuilt only after something changed. */
export interface Catalogs {
  /** Resolves at once while nothing changed. Servers that are not up are left out. */
  for(client: Client): Promise<ServedCatalog>;
  /** A server's lists changed: what was read of them is read again when next asked for. */
  forget(server: string, sessionId?: string): void;
  endSession(sessionId: string): void;
}

/** Shared connections give one catalog for all; a client with connections of its own has its own catalog. */
const SHARED = '';

export function createCatalogs({ pool, log, limits }: CatalogsOptions): Catalogs {
  const lists = new WeakMap<Connection, Promise<ServerLists>>();
  const connections = new Map<string, Set<Connection>>();
  const current = new Map<string, Promise<ServedCatalog>>();

  function listsOf(server: string, connection: Connection, client: Client): Promise<ServerLists> {
    const known = lists.get(connection);
    if (known) return known;
    const reading = fetchLists({ server, connection, log, limits, ...(client.session ? { client } : {}) });
    lists.set(connection, reading);
    connections.set(server, (connections.get(server) ?? new Set()).add(connection));
    return reading;
  }

  async function readOne(server: string, client: Client): Promise<ServerLists | undefined> {
    try {
      return await listsOf(server, await pool.connection(server, client), client);
    } catch (error) {
      log.debug({ server, error }, 'left out of the catalog');
      return undefined;
    }
  }

  async function build(client: Client): Promise<ServedCatalog> {
    const up = pool.states().filter(({ status }) => status === 'up');
    const parts = await Promise.all(up.map(({ name }) => readOne(name, client)));
    const catalog = buildCatalog(parts.filter((part) => part !== undefined));
    for (const conflict of catalog.conflicts)
      log.warn({ conflict }, 'two servers offer the same name; the first is served');
    return withPages(catalog);
  }

  return {
    for(client) {
      const key = isAskable(client) ? (client.session?.id ?? SHARED) : SHARED;
      const known = current.get(key);
      if (known) return known;
      const building = build(client);
      current.set(key, building);
      return building;
    },
    forget(server, sessionId) {
      for (const connection of connections.get(server) ?? []) lists.delete(connection);
      connections.delete(server);
      if (sessionId === undefined) current.clear();
      else current.delete(sessionId);
    },
    endSession(sessionId) {
      current.delete(sessionId);
    },
  };
}

/** Whether servers may ask this client questions, so that it may have connections of its own. */
export function isAskable({ session, capabilities }: Client): boolean {
  return (
    session !== undefined &&
    (capabilities['elicitation'] !== undefined ||
      capabilities['sampling'] !== undefined ||
      capabilities['roots'] !== undefined)
  );
}

function withPages(catalog: Catalog): ServedCatalog {
  const firstPages = new Map<ListName, Uint8Array>();
  return {
    ...catalog,
    page(kind, cursor) {
      if (cursor !== undefined) return listPage(catalog, kind, cursor);
      const known = firstPages.get(kind);
      if (known) return known;
      const page = listPage(catalog, kind);
      firstPages.set(kind, page);
      return page;
    },
  };
}

/** Which list a method asks for; undefined for other methods. */
export function listOf(method: string): ListName | undefined {
  return (Object.keys(listKinds) as ListName[]).find((name) => listKinds[name].method === method);
}
