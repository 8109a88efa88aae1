import { isJsonObject } from '@hostler/kernel';
import type { McpRequest, Notification } from '@hostler/kernel';

/**
 * A notification for a later request of the same call. Progress is told under the token of the request that waits; to one
 * without a token it is not told.
 */
export function readdressed(notification: Notification, { params }: McpRequest): Notification | undefined {
  if (notification.method !== 'notifications/progress') return notification;
  const meta = params['_meta'];
  const progressToken = isJsonObject(meta) ? meta['progressToken'] : undefined;
  return progressToken === undefined
    ? undefined
    : { ...notification, params: { ...notification.params, progressToken } };
}
