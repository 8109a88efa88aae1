import type { ListName } from '@hostler/protocol';
import { appearance } from './lock/alike.ts';
import { KIND_WORDS, shown } from './conflict.ts';
import type { Conflict } from './conflict.ts';
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

/** Puts what several servers offer together under public names that never collide silently. */
export function buildCatalog(servers: readonly OfferedServer[]): Catalog {
  const tool = buildTable('tool', servers);
  const prompt = buildTable('prompt', servers);
  const resources = new ResourceTable(servers);
  const lists = {
    tool: [...tool.entries.values()],
    prompt: [...prompt.entries.values()],
    resource: resources.resource,
    template: resources.template,
  };
  return {
    entries: (kind) => lists[kind],
    find(kind, publicKey) {
      if (kind === 'tool') return tool.entries.get(publicKey);
      if (kind === 'prompt') return prompt.entries.get(publicKey);
      return resources.find(kind, publicKey);
    },
    findResource: (publicUri) => resources.findResource(publicUri),
    publicUri: (server, rawUri) => resources.publicUri(server, rawUri),
    conflicts: [
      ...servers.flatMap(({ conflicts }) => conflicts),
      ...tool.conflicts,
      ...prompt.conflicts,
      ...resources.conflicts,
    ],
  };
}

/** The same for one server under its own names: nothing collides, and its URIs are those that it gave. */
export function buildOwnCatalog(offered: OfferedServer): Catalog {
  const { server, filter } = offered;
  const catalog = buildCatalog([offered]);
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

interface NameTable {
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  readonly conflicts: readonly Conflict[];
}

function buildTable(kind: 'tool' | 'prompt', servers: readonly OfferedServer[]): NameTable {
  const entries = new Map<string, CatalogEntry>();
  const looks = new Map<string, CatalogEntry>();
  const conflicts: Conflict[] = [];
  for (const { entries: own } of servers) {
    for (const entry of own[kind]) {
      const look = appearance(entry.publicKey);
      const served = looks.get(look);
      if (served !== undefined) conflicts.push(nameTaken(kind, entry, served));
      else {
        looks.set(look, entry);
        entries.set(entry.publicKey, entry);
      }
    }
  }
  return { entries, conflicts };
}

function nameTaken(kind: 'tool' | 'prompt', { server, key, publicKey }: CatalogEntry, served: CatalogEntry): Conflict {
  const isSame = publicKey === served.publicKey;
  const called = `would be called ${shown(publicKey)}, `;
  const twin = `${shown(served.key)} of ${served.server} is`;
  return {
    problem: isSame ? 'name-taken' : 'name-alike',
    server,
    kind,
    key,
    message:
      `The ${KIND_WORDS[kind]} ${shown(key)} of ${server} ${called}` +
      `${isSame ? 'as' : 'which looks like what'} ${twin}${isSame ? '' : ` called, ${shown(served.publicKey)}`}: it is not offered.`,
    mend: `Give one of the two another name in servers.${server}.${kind}s.`,
  };
}
