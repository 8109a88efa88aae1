import type { GroupMember, GroupSpec } from '@hostler/kernel';
import { editObject } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import type { CatalogEntry, OfferedServer } from './offered-server.ts';
import { publicName } from './public-name.ts';
import { matchesTemplate, parseTemplate } from './uri-template.ts';

/** A member that can answer, and what it calls the thing that is wanted. */
export interface Candidate {
  readonly member: GroupMember;
  /** Absent for a resource that is not listed but fits a template of the member. */
  readonly entry?: CatalogEntry;
}

/** The members of a group as one server. */
export interface OfferedGroup {
  readonly offered: OfferedServer;
  /** The members that have it, in order of preference. `key` is the name or URI under which the group offers it. */
  candidates(kind: ListName, key: string): readonly Candidate[];
}

export interface GroupOptions {
  readonly group: GroupSpec;
  /** What each member offers under its own names; members that offer nothing at present are left out. */
  readonly members: ReadonlyMap<string, OfferedServer>;
  /** `own`: tools and prompts do not get the group's name in front. */
  readonly naming: 'public' | 'own';
}

/** Puts the members' offers together: each name once, as the first member that has it defines it. */
export function offerGroup({ group, members, naming }: GroupOptions): OfferedGroup {
  const present = group.members.flatMap((member) => {
    const offered = members.get(member.server);
    return offered === undefined ? [] : [{ member, offered, byKey: indexEntries(offered) }];
  });
  const entries = (kind: ListName): readonly CatalogEntry[] => {
    const first = new Map<string, CatalogEntry>();
    for (const { offered } of present) {
      for (const entry of offered.entries[kind]) {
        const served = first.get(entry.publicKey);
        // Any of the members may get a call: what differs at one of them differs.
        const drift = [...(served?.drift ?? []), ...(entry.drift ?? [])];
        if (served === undefined || drift.length > 0) {
          first.set(entry.publicKey, { ...(served ?? entry), ...(drift.length > 0 && { drift }) });
        }
      }
    }
    return [...first.values()].map((entry) => toGroupEntry(group, kind, entry, naming));
  };
  return {
    offered: {
      server: group.name,
      entries: {
        tool: entries('tool'),
        prompt: entries('prompt'),
        resource: entries('resource'),
        template: entries('template'),
      },
      filter: {
        offers: (kind, key) => present.some(({ offered }) => offered.filter.offers(kind, key)),
        excludes: (kind, key) => present.every(({ offered }) => offered.filter.excludes(kind, key)),
      },
      conflicts: present.flatMap(({ offered }) => offered.conflicts),
    },
    candidates: (kind, key) =>
      present.flatMap(({ member, offered, byKey }) => {
        const entry = byKey[kind].get(key);
        if (entry !== undefined) return [{ member, entry }];
        return kind === 'resource' && fitsTemplate(offered, key) ? [{ member }] : [];
      }),
  };
}

type EntryIndex = Readonly<Record<ListName, ReadonlyMap<string, CatalogEntry>>>;

function indexEntries({ entries }: OfferedServer): EntryIndex {
  const index = (kind: ListName): ReadonlyMap<string, CatalogEntry> =>
    new Map(entries[kind].map((entry) => [entry.publicKey, entry]));
  return { tool: index('tool'), prompt: index('prompt'), resource: index('resource'), template: index('template') };
}

function toGroupEntry(
  group: GroupSpec,
  kind: ListName,
  { publicKey: key, bytes, drift }: CatalogEntry,
  naming: GroupOptions['naming'],
): CatalogEntry {
  const differing = drift === undefined ? {} : { drift };
  const isNamed = (kind === 'tool' || kind === 'prompt') && naming === 'public';
  if (!isNamed) return { server: group.name, key, publicKey: key, bytes, ...differing };
  const publicKey = publicName(group.name, key);
  return {
    server: group.name,
    key,
    publicKey,
    bytes: editObject(bytes, { set: { name: JSON.stringify(publicKey) } }),
    ...differing,
  };
}

function fitsTemplate({ entries, filter }: OfferedServer, uri: string): boolean {
  if (filter.excludes('resource', uri)) return false;
  return entries.template.some(({ key }) => matchesTemplate(parseTemplate(key), uri));
}
