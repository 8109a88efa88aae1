import type { DriftAction, View, ViewKind } from '@hostler/kernel';
import type { ListName } from '@hostler/protocol';
import type { CatalogEntry, OfferedServer } from './offered-server.ts';
import { TemplateIndex } from './template-index.ts';
import { parseTemplate } from './uri-template.ts';

/**
 * What of a server one view lets through, before anything is made public: what is hidden takes no name and no URI from
 * others. The same object when nothing is hidden.
 */
export function narrowOffer(offered: OfferedServer, view: View): OfferedServer {
  const { server, entries, filter } = offered;
  if (view.hasAll?.(server) === true) return offered;
  const actions = driftActions(offered, view);
  if (actions.has('quarantine')) return { ...offered, entries: NO_ENTRIES, filter: NOTHING, hiddenTemplates: [] };
  const isApproved = ({ drift }: CatalogEntry): boolean =>
    drift === undefined || drift.every((grade) => view.drift?.[grade] !== 'hide');
  const isSeen = (kind: ListName, name: string): boolean => view.allows(viewKind(kind), server, name);
  const seen = (kind: ListName): readonly CatalogEntry[] =>
    entries[kind].filter((entry) => isSeen(kind, entry.name ?? entry.key) && isApproved(entry));
  const isUnapproved = byUnapprovedTemplate(offered, isApproved);
  const isOut = (kind: ListName, key: string): boolean =>
    !isSeen(kind, key) || (kind === 'resource' && isUnapproved?.(key) === true);
  const template = seen('template');
  const approved = entries.template.filter(isApproved);
  return {
    ...offered,
    filter: {
      offers: (kind, key) => filter.offers(kind, key) && !isOut(kind, key),
      excludes: (kind, key) => filter.excludes(kind, key) || isOut(kind, key),
    },
    entries: { tool: seen('tool'), prompt: seen('prompt'), resource: seen('resource'), template },
    hiddenTemplates: approved.filter((entry) => !template.includes(entry)).map(({ key }) => key),
  };
}

/**
 * Whether a URI is there only by a template that was not approved: hiding that from the list alone would hide nothing from
 * whom the URI is told. Undefined where there is no such template.
 */
function byUnapprovedTemplate(
  { entries }: OfferedServer,
  isApproved: (entry: CatalogEntry) => boolean,
): ((uri: string) => boolean) | undefined {
  const unapproved = entries.template.filter((entry) => !isApproved(entry));
  if (unapproved.length === 0) return undefined;
  const indexOf = (templates: readonly CatalogEntry[]): TemplateIndex<true> => {
    const index = new TemplateIndex<true>(() => 0);
    index.addAll(templates.map(({ key }) => ({ owner: true, template: parseTemplate(key) })));
    return index;
  };
  const fits = (index: TemplateIndex<true>, uri: string): boolean => index.ownerOf(uri, () => true) === true;
  const [out, approved] = [indexOf(unapproved), indexOf(entries.template.filter(isApproved))];
  const listed = new Set(entries.resource.map(({ key }) => key));
  return (uri) => fits(out, uri) && !fits(approved, uri) && !listed.has(uri);
}

/** What becomes of any of it in this view, because it is not as it was approved. */
function driftActions({ entries }: OfferedServer, { drift }: View): ReadonlySet<DriftAction> {
  if (drift === undefined) return NO_ACTIONS;
  const all = Object.values(entries).flat();
  return new Set(all.flatMap((entry) => (entry.drift ?? []).map((grade) => drift[grade])));
}

const NO_ACTIONS: ReadonlySet<DriftAction> = new Set();
const NO_ENTRIES: OfferedServer['entries'] = { tool: [], prompt: [], resource: [], template: [] };
const NOTHING: OfferedServer['filter'] = { offers: () => false, excludes: () => true };

function viewKind(kind: ListName): ViewKind {
  return kind === 'template' ? 'resource' : kind;
}
