import type { Host, HostEvent } from '@hostler/host';
import { notificationBytes } from '@hostler/protocol';
import type { Session } from './session.ts';

/** Brings a host event to the sessions that it concerns. */
export function deliverEvent(host: Host, sessions: Iterable<Session>, event: HostEvent): void {
  let message: Uint8Array | undefined;
  for (const session of sessions) {
    if (!concerns(host, session, event)) continue;
    message ??= notificationBytes(event.notification.method, event.notification.params);
    session.deliver(message);
  }
}

function concerns(host: Host, session: Session, event: HostEvent): boolean {
  const { server, notification, sessionId } = event;
  const { scope, consumer } = session.caller;
  if (sessionId !== undefined && sessionId !== session.id) return false;
  if (event.scope !== undefined && event.scope !== scope.kind) return false;
  if (scope.kind === 'server' && scope.name !== server) return false;
  // What a consumer may not see, it may not hear of either.
  if (event.isGone !== true && !host.has({ kind: 'server', name: server }, consumer)) return false;
  if (event.reaches?.({ consumer, client: session.client, scope }) === false) return false;
  const { method, params } = notification;
  switch (method) {
    case 'notifications/tools/list_changed':
    case 'notifications/prompts/list_changed':
    case 'notifications/resources/list_changed':
      return true;
    case 'notifications/message':
      return session.wantsLog(params);
    default:
      // Anything else is meant for one client, if for any.
      return sessionId !== undefined;
  }
}
