import type { UpstreamSpec } from '@hostler/kernel';
import type { ServerLists } from './server-lists.ts';

/** What a host remembers of its servers' lists from one run to the next. Neither function rejects. */
export interface CatalogStore {
  /** Undefined when nothing usable is kept for a server with these settings. */
  load(server: UpstreamSpec): Promise<KeptLists | undefined>;
  save(server: UpstreamSpec, lists: KeptLists): Promise<void>;
}

export type KeptLists = Pick<ServerLists, 'era' | 'lists'>;
