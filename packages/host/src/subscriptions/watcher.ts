import type { Notification, Scope } from '@hostler/kernel';
import type { ConnectionUser } from '@hostler/upstream';

/** Who wants to hear of changes: a modern client's `subscriptions/listen`, or a legacy client's session. */
export interface Watcher {
  readonly scope: Scope;
  readonly user: ConnectionUser;
  notify(notification: Notification): void;
}
