import type { ListName } from '@hostler/protocol';
import type { Conflict } from './conflict.ts';
import { NameTables } from './name-tables.ts';
import type { CatalogEntry, OfferedServer } from './offered-server.ts';
import { ResourceTable } from './resource-table.ts';
import type { ResourceAddress } from './resource-table.ts';

/** What several servers offer together. Immutable; listing and finding answer from the same entries. */
export interface Catalog {
  /** In the order of the servers, then in each server's own order. */
  entries(kind: ListName): readonly CatalogEntry[];
  find(kind: ListName, publicKey: string): CatalogEntry | undefined;
  /** The server that a resource can be read from, and its URI there. */
  findResource(publicUri: string): ResourceAddress | undefined;
  /** What clients call a resource of this server: its own URI where that leads back to it, else the qualified one. */
  publicUri(server: string, rawUri: string): string;
  readonly conflicts: readonly Conflict[];
}

/**
 * Puts what several servers offer together under public names that never collide silently.
 * @param tables shared by catalogs of the same servers
 */
export function buildCatalog(servers: readonly OfferedServer[], tables = new NameTables()): Catalog {
  const named = { tool: tables.of('tool', servers), prompt: tables.of('prompt', servers) };
  const resources = new ResourceTable(servers);
  return {
    entries: (kind) => (kind === 'tool' || kind === 'prompt' ? named[kind].entries() : resources[kind]),
    find: (kind, publicKey) =>
      kind === 'tool' || kind === 'prompt' ? named[kind].find(publicKey) : resources.find(kind, publicKey),
    findResource: (publicUri) => resources.findResource(publicUri),
    publicUri: (server, rawUri) => resources.publicUri(server, rawUri),
    conflicts: [
      ...servers.flatMap(({ conflicts }) => conflicts),
      ...named.tool.conflicts,
      ...named.prompt.conflicts,
      ...resources.conflicts,
    ],
  };
}

/** The same for one server under its own names: nothing collides, and its URIs are those that it gave. */
export function buildOwnCatalog(offered: OfferedServer, tables?: NameTables): Catalog {
  const { server, filter } = offered;
  const catalog = buildCatalog([offered], tables);
  return {
    ...catalog,
    entries: (kind) => (kind === 'resource' || kind === 'template' ? offered.entries[kind] : catalog.entries(kind)),
    find: (kind, key) =>
      kind === 'resource' || kind === 'template'
        ? offered.entries[kind].find((entry) => entry.key === key)
        : catalog.find(kind, key),
    findResource: (uri) => (filter.excludes('resource', uri) ? undefined : ownAddress(catalog, server, uri)),
    publicUri: (_, rawUri) => rawUri,
  };
}

function ownAddress(catalog: Catalog, server: string, uri: string): ResourceAddress | undefined {
  return catalog.findResource(catalog.publicUri(server, uri)) && { server, key: uri };
}
