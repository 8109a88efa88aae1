import { editObject, listKinds } from '@hostler/protocol';
import { KIND_WORDS, shown } from './conflict.ts';
import type { Conflict } from './conflict.ts';
import type { CatalogEntry, OfferedServer } from './offered-server.ts';
import { qualifiedUri, splitQualifiedUri } from './qualified-uri.ts';
import { SortedTexts } from './sorted-texts.ts';
import { TemplateIndex } from './template-index.ts';
import type { IndexedTemplate } from './template-index.ts';
import { matchesTemplate, parseTemplate } from './uri-template.ts';
import type { UriTemplate } from './uri-template.ts';

/** Where a resource lives. */
export interface ResourceAddress {
  readonly server: string;
  /** Its URI on that server. */
  readonly key: string;
}

/** URIs that are compared to a template one by one: of more than these, one is taken to fit it. */
const COMPARED = 1_000;

type ResourceKind = 'resource' | 'template';

/** What one server has, under its own URIs. */
interface OwnResources {
  readonly offered: OfferedServer;
  /** Its place in the order of the servers. */
  readonly rank: number;
  readonly resource: ReadonlyMap<string, CatalogEntry>;
  readonly template: ReadonlyMap<string, CatalogEntry>;
  readonly templates: readonly IndexedTemplate<OwnResources>[];
  /** Templates that are not shown. */
  readonly hidden: readonly IndexedTemplate<OwnResources>[];
}

interface FilledResources extends OwnResources {
  readonly resource: Map<string, CatalogEntry>;
  readonly template: Map<string, CatalogEntry>;
  readonly templates: IndexedTemplate<OwnResources>[];
  readonly hidden: IndexedTemplate<OwnResources>[];
}

/** Of most servers, which have none: all of them share it. */
const NONE: Pick<OwnResources, 'resource' | 'template' | 'templates' | 'hidden'> = {
  resource: new Map(),
  template: new Map(),
  templates: [],
  hidden: [],
};

function hasNone({ entries: { resource, template }, hiddenTemplates = [] }: OfferedServer): boolean {
  return resource.length === 0 && template.length === 0 && hiddenTemplates.length === 0;
}

/**
 * The resources of several servers. A URI belongs to the first server, in the order of the configuration, that lists it
 * or has a template that it fits. What would not lead back to its own server is public under its qualified URI instead.
 */
export class ResourceTable {
  readonly resource: CatalogEntry[] = [];
  readonly template: CatalogEntry[] = [];
  readonly conflicts: Conflict[] = [];
  readonly #servers = new Map<string, OwnResources>();
  readonly #listed = new Map<string, OwnResources>();
  readonly #listedTexts = new SortedTexts();
  readonly #templates = new TemplateIndex<OwnResources>(({ rank }) => rank);
  /** Looked at last, so that what is hidden takes no URI from what is not. */
  readonly #hidden = new TemplateIndex<OwnResources>(({ rank }) => rank);

  constructor(servers: readonly OfferedServer[]) {
    const filled: FilledResources[] = [];
    for (const [rank, offered] of servers.entries()) {
      if (hasNone(offered)) this.#servers.set(offered.server, { offered, rank, ...NONE });
      else {
        const own = { offered, rank, resource: new Map(), template: new Map(), templates: [], hidden: [] };
        this.#servers.set(offered.server, own);
        filled.push(own);
      }
    }
    for (const own of filled) this.#add(own);
  }

  /** The entry of a public URI or template; the qualified form is good for all. */
  find(kind: ResourceKind, publicKey: string): CatalogEntry | undefined {
    const qualified = this.#split(publicKey);
    if (qualified) return qualified.own[kind].get(qualified.rawUri);
    for (const own of this.#servers.values()) {
      const entry = own[kind].get(publicKey);
      if (entry?.publicKey === publicKey) return entry;
    }
    return undefined;
  }

  findResource(publicUri: string): ResourceAddress | undefined {
    const qualified = this.#split(publicUri);
    if (qualified) {
      const { own, rawUri } = qualified;
      return isReadable(own, rawUri) ? { server: own.offered.server, key: rawUri } : undefined;
    }
    const owner = this.#readerOf(publicUri);
    return owner && { server: owner.offered.server, key: publicUri };
  }

  publicUri(server: string, rawUri: string): string {
    const isPlain = this.#split(rawUri) === undefined && this.#readerOf(rawUri)?.offered.server === server;
    return isPlain ? rawUri : qualifiedUri(server, rawUri);
  }

  /** Called in the order of the servers: what is in the table already stands before this one. */
  #add(own: FilledResources): void {
    const { resource, template } = own.offered.entries;
    for (const entry of resource) {
      own.resource.set(entry.key, this.#admit('resource', entry, this.#ownerOf(entry.key)));
    }
    for (const entry of template) {
      const parsed = parseTemplate(entry.key);
      own.templates.push({ owner: own, template: parsed });
      own.template.set(entry.key, this.#admit('template', entry, this.#rivalOf(parsed)));
    }
    for (const key of own.resource.keys()) if (!this.#listed.has(key)) this.#listed.set(key, own);
    this.#listedTexts.addAll(own.resource.keys());
    this.#templates.addAll(own.templates);
    for (const text of own.offered.hiddenTemplates ?? []) {
      own.hidden.push({ owner: own, template: parseTemplate(text) });
    }
    this.#hidden.addAll(own.hidden);
  }

  #admit(kind: ResourceKind, entry: CatalogEntry, rival: OwnResources | undefined): CatalogEntry {
    const { server, key, bytes } = entry;
    if (rival !== undefined) this.conflicts.push(sharedUri(kind, entry, rival.offered.server));
    const isPlain = rival === undefined && this.#split(key) === undefined;
    const publicKey = isPlain ? key : qualifiedUri(server, key);
    const admitted = isPlain
      ? entry
      : {
          ...entry,
          publicKey,
          bytes: editObject(bytes, { set: { [listKinds[kind].key]: JSON.stringify(publicKey) } }),
        };
    this[kind].push(admitted);
    return admitted;
  }

  /** Also of what no list shows. */
  #readerOf(uri: string): OwnResources | undefined {
    return this.#ownerOf(uri) ?? this.#hidden.ownerOf(uri, ({ offered }) => !offered.filter.excludes('resource', uri));
  }

  #ownerOf(uri: string): OwnResources | undefined {
    const lister = this.#listed.get(uri);
    const owner = this.#templates.ownerOf(uri, ({ offered }) => !offered.filter.excludes('resource', uri));
    if (owner === undefined) return lister;
    return lister !== undefined && lister.rank < owner.rank ? lister : owner;
  }

  /** The first server that some URI of this template would lead to instead. */
  #rivalOf(template: UriTemplate): OwnResources | undefined {
    const rival = this.#templates.rivalOf(template);
    if (rival !== undefined) return rival;
    const uris = this.#listedTexts.startingWith(template.literals[0] ?? '', COMPARED + 1);
    const taken = uris.find((uri) => uris.length > COMPARED || matchesTemplate(template, uri));
    return taken === undefined ? undefined : this.#listed.get(taken);
  }

  /** A URI that names a server which is not here is one like any other. */
  #split(uri: string): { readonly own: OwnResources; readonly rawUri: string } | undefined {
    const parts = splitQualifiedUri(uri);
    const own = parts && this.#servers.get(parts.server);
    return parts && own && { own, rawUri: parts.rawUri };
  }
}

/** Also what no list has: servers link to resources that they do not list. */
function isReadable({ offered: { filter }, resource, templates, hidden }: OwnResources, uri: string): boolean {
  if (resource.has(uri)) return true;
  if (filter.excludes('resource', uri)) return false;
  if (filter.offers('resource', uri)) return true;
  return [...templates, ...hidden].some(({ template }) => matchesTemplate(template, uri));
}

function sharedUri(kind: ResourceKind, { server, key }: CatalogEntry, rival: string): Conflict {
  return {
    problem: 'uri-shared',
    server,
    kind,
    key,
    message: `The ${KIND_WORDS[kind]} ${shown(key)} of ${server} has a URI that leads to ${rival}, which stands before it.`,
    mend:
      `Clients see it as ${shown(qualifiedUri(server, key))}; nothing has to be done. ` +
      'For the plain URI, change the order of the servers or exclude it from the other one.',
  };
}
