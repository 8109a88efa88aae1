import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { protocolErrors, watchedLists } from '@hostler/protocol';
import { badParameter } from '../parameters.ts';

/** What a `subscriptions/listen` request asks for. Source: MCP 2026-07-28, basic/patterns/subscriptions. */
export interface ListenFilter {
  /** Fields of the lists, such as `toolsListChanged`. */
  readonly lists: readonly string[];
  /** Each once. */
  readonly uris: readonly string[];
  /** Whether there is something in it that only its server can know: extensions add fields. */
  readonly isExtended: boolean;
}

const RESOURCES = 'resourceSubscriptions';

/** @throws PROTOCOL_INVALID_PARAMS */
export function readListenFilter({ notifications, _meta, ...others }: JsonObject, maxUris: number): ListenFilter {
  if (!isJsonObject(notifications)) throw badParameter('notifications');
  const { [RESOURCES]: asked = [], ...fields } = notifications;
  if (!Array.isArray(asked) || !asked.every((uri) => typeof uri === 'string')) throw badParameter(RESOURCES);
  const uris = [...new Set<string>(asked)];
  if (uris.length > maxUris) {
    throw protocolErrors.INVALID_PARAMS({ details: { problem: `"${RESOURCES}" names more than ${maxUris}` } });
  }
  const known = watchedLists.map(({ field }) => field);
  return {
    lists: known.filter((field) => fields[field] === true),
    uris,
    isExtended: Object.keys(others).length > 0 || Object.keys(fields).some((field) => !known.includes(field)),
  };
}

/** The same request for these resources alone. */
export function withoutOtherResources(params: JsonObject, uris: readonly string[]): JsonObject {
  const { notifications } = params;
  return isJsonObject(notifications) ? { ...params, notifications: { ...notifications, [RESOURCES]: uris } } : params;
}

/** The part of a filter that is honoured, as it is acknowledged. */
export function acknowledgement(
  lists: readonly string[],
  uris: readonly string[],
  taskIds: readonly string[],
): JsonObject {
  return {
    notifications: {
      ...Object.fromEntries(lists.map((field) => [field, true])),
      ...(uris.length === 0 ? {} : { [RESOURCES]: uris }),
      // Source: the tasks extension, task status notifications.
      ...(taskIds.length === 0 ? {} : { taskIds }),
    },
  };
}
