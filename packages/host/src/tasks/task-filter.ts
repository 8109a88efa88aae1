import { isJsonObject } from '@hostler/kernel';
import type { JsonObject, Notification } from '@hostler/kernel';
import type { Rename } from './task-bytes.ts';

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

/** The ids of tasks that a filter names, each once. Source: the tasks extension, task status notifications. */
export function taskIdsOf(filter: unknown): readonly string[] {
  const taskIds = isJsonObject(filter) ? filter['taskIds'] : undefined;
  if (!Array.isArray(taskIds)) return [];
  return [...new Set(taskIds.filter((id): id is string => typeof id === 'string'))];
}

/** The params of a `subscriptions/listen`, or of its acknowledgement, with other ids; without those that have none. */
export function withRenamedFilter(params: JsonObject, rename: Rename): JsonObject {
  const { notifications } = params;
  if (!isJsonObject(notifications) || notifications['taskIds'] === undefined) return params;
  const taskIds = taskIdsOf(notifications).flatMap((id) => rename(id) ?? []);
  return { ...params, notifications: { ...notifications, taskIds } };
}

export function renamedAcknowledgement({ method, params }: Notification, rename: Rename): Notification {
  if (method !== ACKNOWLEDGED || params === undefined) return { method, ...(params && { params }) };
  return { method, params: withRenamedFilter(params, rename) };
}
