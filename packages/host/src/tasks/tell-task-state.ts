import type { PoolEvent } from '@hostler/upstream';
import type { HostEvent } from '../host.ts';
import { credentialsIn } from '../credentials-for.ts';
import { renamedNotification } from './task-exchange.ts';
import type { TaskNames } from './task-names.ts';

type Told = Extract<PoolEvent, { readonly kind: 'notification' }>;

/** Brings the state of a task, told over a connection that several clients share, to the session that has the task. */
export function tellTaskState(
  names: TaskNames,
  { server, notification, source, sessionId: told }: Told,
  emit: (event: HostEvent) => void,
): void {
  const taskId = notification.params?.['taskId'];
  const owner = typeof taskId === 'string' ? names.ownerOf({ server, taskId }) : undefined;
  if (owner?.sessionId === undefined) return;
  // Servers that run for each caller may have the same ids for different tasks.
  if (credentialsIn(source) !== '' && told !== owner.sessionId) return;
  const { viewer, sessionId } = owner;
  // The name under which the owner is known says all that names are made of.
  const known = { consumer: { name: viewer } };
  const named = renamedNotification(notification, (id) => names.nameFor(known, { server, taskId: id }));
  if (named !== undefined) emit({ server, notification: named, sessionId });
}
