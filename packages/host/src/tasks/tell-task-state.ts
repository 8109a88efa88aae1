import type { PoolEvent } from '@hostler/upstream';
import type { HostEvent } from '../host.ts';
import { renamedNotification } from './task-exchange.ts';
import type { TaskNames } from './task-names.ts';

type Told = Extract<PoolEvent, { readonly kind: 'notification' }>;

/** Brings the state of a task, told over a connection that several clients share, to the session that has the task. */
export function tellTaskState(
  names: TaskNames,
  { server, notification }: Told,
  emit: (event: HostEvent) => void,
): void {
  const taskId = notification.params?.['taskId'];
  const owner = typeof taskId === 'string' ? names.ownerOf({ server, taskId }) : undefined;
  if (owner?.sessionId === undefined) return;
  const consumer = { name: owner.consumer };
  const named = renamedNotification(notification, (id) => names.nameFor(consumer, { server, taskId: id }));
  if (named !== undefined) emit({ server, notification: named, sessionId: owner.sessionId });
}
