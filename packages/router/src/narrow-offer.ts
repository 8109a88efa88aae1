import type { View, ViewKind } from '@hostler/kernel';
import type { ListName } from '@hostler/protocol';
import type { CatalogEntry, OfferedServer } from './offered-server.ts';

/**
 * What of a server one view lets through, before anything is made public: what is hidden takes no name and no URI from
 * others. The same object when nothing is hidden.
 */
export function narrowOffer(offered: OfferedServer, view: View): OfferedServer {
  const { server, entries, filter } = offered;
  if (view.hasAll?.(server) === true) return offered;
  const isSeen = (kind: ListName, name: string): boolean => view.allows(viewKind(kind), server, name);
  const seen = (kind: ListName): readonly CatalogEntry[] =>
    entries[kind].filter(({ key, name = key }) => isSeen(kind, name));
  const template = seen('template');
  return {
    ...offered,
    filter: {
      offers: (kind, key) => filter.offers(kind, key) && isSeen(kind, key),
      excludes: (kind, key) => filter.excludes(kind, key) || !isSeen(kind, key),
    },
    entries: { tool: seen('tool'), prompt: seen('prompt'), resource: seen('resource'), template },
    hiddenTemplates: entries.template.filter((entry) => !template.includes(entry)).map(({ key }) => key),
  };
}

function viewKind(kind: ListName): ViewKind {
  return kind === 'template' ? 'resource' : kind;
}
