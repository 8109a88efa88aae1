import type { Connection } from '../connection.ts';
import type { ConnectionSubscriptions } from './connection-subscriptions.ts';

/** A connection whose resources can be subscribed to by several holders. */
export interface Subscribable extends Connection {
  readonly subscriptions: ConnectionSubscriptions;
}
