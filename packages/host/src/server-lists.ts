import type { Era, JsonObject } from '@hostler/kernel';
import type { ListName } from '@hostler/protocol';
import type { Conflict, DefinitionLists } from '@hostler/router';

/** How long a list may be kept, and by whom. Source: MCP 2026-07-28, basic/caching. */
export interface Freshness {
  readonly ttlMs: number;
  readonly cacheScope: 'public' | 'private';
}

/** A list of which nothing is promised: every legacy one, and what is kept of a server that is not up. */
export const NO_PROMISE: Freshness = { ttlMs: 0, cacheScope: 'private' };

/** Lists as one server gave them. */
export interface ServerLists {
  readonly era: Era;
  readonly lists: DefinitionLists;
  /** Absent for a list that the server does not have. */
  readonly freshness: Readonly<Partial<Record<ListName, Freshness>>>;
  /** Bounds that the lists have hit. */
  readonly conflicts: readonly Conflict[];
  /** Kinds that could not be read: their lists here are empty. */
  readonly failed: readonly ListName[];
  /** The server cannot be reached before its user has agreed to something: the lists are those of the host. */
  readonly awaitsSignIn?: boolean;
}

export const LIST_NAMES = ['tool', 'prompt', 'resource', 'template'] as const satisfies readonly ListName[];

export const NO_LISTS: DefinitionLists = { tool: [], prompt: [], resource: [], template: [] };

/** The kinds in which two lists differ. */
export function changedKinds(before: DefinitionLists, after: DefinitionLists): readonly ListName[] {
  return LIST_NAMES.filter((kind) => {
    const [one, other] = [before[kind], after[kind]];
    if (one === other) return false;
    return (
      one.length !== other.length ||
      one.some(({ key, bytes }, index) => {
        const twin = other[index];
        return twin === undefined || twin.key !== key || Buffer.compare(twin.bytes, bytes) !== 0;
      })
    );
  });
}

/** What a modern result promises. */
export function toFreshness({ ttlMs, cacheScope }: JsonObject): Freshness {
  return {
    ttlMs: typeof ttlMs === 'number' && ttlMs > 0 ? Math.floor(ttlMs) : 0,
    cacheScope: cacheScope === 'public' ? 'public' : 'private',
  };
}

/** What all of several lists promise together; nothing when there is none. */
export function leastFresh(promises: readonly (Freshness | undefined)[]): Freshness {
  const made = promises.filter((promise) => promise !== undefined);
  if (made.length === 0) return NO_PROMISE;
  return {
    ttlMs: Math.min(...made.map(({ ttlMs }) => ttlMs)),
    cacheScope: made.some(({ cacheScope }) => cacheScope === 'private') ? 'private' : 'public',
  };
}
