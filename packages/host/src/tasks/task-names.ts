import { randomBytes } from 'node:crypto';
import type { Consumer } from '@hostler/kernel';
import { createTaskIds } from './task-ids.ts';
import type { TaskPlace } from './task-ids.ts';
import { createTaskOwners } from './task-owners.ts';
import type { TaskOwner } from './task-owners.ts';

/** For whom names are made: a consumer, in a session if it has one. */
export interface TaskUser {
  readonly consumer: Consumer;
  readonly sessionId?: string | undefined;
}

/** The names of tasks for their consumers, and who may be told of which. */
export interface TaskNames {
  /** For a task that the consumer has made or has named itself; it is its owner from now on. */
  claim(user: TaskUser, place: TaskPlace): string;
  /** For a task that a server speaks of; undefined when it is not known to be the consumer's. */
  nameFor(consumer: Consumer, place: TaskPlace): string | undefined;
  find(consumer: Consumer, id: unknown): TaskPlace | undefined;
  ownerOf(place: TaskPlace): TaskOwner | undefined;
  forgetServer(server: string): void;
}

/** @param key 32 bytes; random by default: then ids are good as long as this process lives */
export function createTaskNames(key: Uint8Array = randomBytes(32)): TaskNames {
  const ids = createTaskIds(key);
  const owners = createTaskOwners();
  return {
    claim({ consumer, sessionId }, place) {
      owners.remember(place.server, place.taskId, { consumer: consumer.name, sessionId });
      return ids.toPublic(consumer.name, place);
    },
    nameFor({ name }, place) {
      const owner = owners.of(place.server, place.taskId);
      return owner?.consumer === name ? ids.toPublic(name, place) : undefined;
    },
    find: ({ name }, id) => ids.fromPublic(name, id),
    ownerOf: ({ server, taskId }) => owners.of(server, taskId),
    forgetServer: (server) => owners.forget(server),
  };
}
