import { isJsonObject } from '@hostler/kernel';
import type { ServerDescription } from './server-description.ts';

/** A list whose changes can be listened for. */
export interface WatchedList {
  /** Of the filter of `subscriptions/listen`. */
  readonly field: string;
  /** That promises the changes to be told. */
  readonly capability: string;
  readonly method: string;
}

/** Source: MCP 2026-07-28, basic/patterns/subscriptions. */
export const watchedLists: readonly WatchedList[] = [
  { field: 'toolsListChanged', capability: 'tools', method: 'notifications/tools/list_changed' },
  { field: 'promptsListChanged', capability: 'prompts', method: 'notifications/prompts/list_changed' },
  { field: 'resourcesListChanged', capability: 'resources', method: 'notifications/resources/list_changed' },
];

/** Whether a notification tells of a changed list or resource: in the modern era only those hear of it who listen. */
export function tellsOfChange(method: string): boolean {
  return method === 'notifications/resources/updated' || watchedLists.some((list) => list.method === method);
}

/** The lists whose changes a server says it will tell of. */
export function changingLists({ capabilities }: Pick<ServerDescription, 'capabilities'>): readonly WatchedList[] {
  return watchedLists.filter(({ capability }) => {
    const offered = capabilities[capability];
    return isJsonObject(offered) && offered['listChanged'] === true;
  });
}
