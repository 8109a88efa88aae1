import { editObject } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import type { Definition } from './definition.ts';
import { publicName } from './public-name.ts';
import { matchesTemplate } from './uri-template.ts';

/** Everything that one server offers. */
export interface ServerLists {
  readonly server: string;
  readonly lists: Readonly<Record<ListName, readonly Definition[]>>;
}

/** Something that clients can reach under its public key, and where it lives. */
export interface CatalogEntry {
  readonly server: string;
  /** Its name, URI or template on that server. */
  readonly key: string;
  /** What clients call it: `server__name` for tools and prompts, the URI itself for resources and templates. */
  readonly publicKey: string;
  /** Its definition under the public key. */
  readonly bytes: Uint8Array;
}

/** Two definitions that would have the same public key. The first, in the order of the configuration, is the one served. */
export interface Conflict {
  readonly kind: ListName;
  readonly publicKey: string;
  readonly served: { readonly server: string; readonly key: string };
  readonly hidden: { readonly server: string; readonly key: string };
}

/** What several servers offer together. Immutable; listing and finding answer from the same entries. */
export interface Catalog {
  /** In the order of the servers, then in each server's own order. */
  entries(kind: ListName): readonly CatalogEntry[];
  find(kind: ListName, publicKey: string): CatalogEntry | undefined;
  /** The server that a resource can be read from: one that lists it, else the first with a template that fits. */
  findResource(uri: string): Pick<CatalogEntry, 'server'> | undefined;
  readonly conflicts: readonly Conflict[];
}

/** Puts the lists of several servers together under public names that never collide silently. */
export function buildCatalog(servers: readonly ServerLists[]): Catalog {
  const conflicts: Conflict[] = [];
  const tables = {
    tool: buildTable('tool', servers, conflicts),
    prompt: buildTable('prompt', servers, conflicts),
    resource: buildTable('resource', servers, conflicts),
    template: buildTable('template', servers, conflicts),
  };
  const lists = {
    tool: [...tables.tool.values()],
    prompt: [...tables.prompt.values()],
    resource: [...tables.resource.values()],
    template: [...tables.template.values()],
  };
  return {
    conflicts,
    entries: (kind) => lists[kind],
    find: (kind, publicKey) => tables[kind].get(publicKey),
    findResource: (uri) => tables.resource.get(uri) ?? lists.template.find(({ key }) => matchesTemplate(key, uri)),
  };
}

function buildTable(kind: ListName, servers: readonly ServerLists[], conflicts: Conflict[]): Map<string, CatalogEntry> {
  const table = new Map<string, CatalogEntry>();
  for (const { server, lists } of servers) {
    for (const definition of lists[kind]) {
      const entry = toEntry(kind, server, definition);
      const served = table.get(entry.publicKey);
      if (served === undefined) table.set(entry.publicKey, entry);
      else {
        conflicts.push({
          kind,
          publicKey: entry.publicKey,
          served: { server: served.server, key: served.key },
          hidden: { server, key: entry.key },
        });
      }
    }
  }
  return table;
}

function toEntry(kind: ListName, server: string, { key, bytes }: Definition): CatalogEntry {
  if (kind === 'resource' || kind === 'template') return { server, key, publicKey: key, bytes };
  const name = publicName(server, key);
  return { server, key, publicKey: name, bytes: editObject(bytes, { set: { name: JSON.stringify(name) } }) };
}
