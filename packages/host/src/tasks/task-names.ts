import { randomBytes } from 'node:crypto';
import { createTaskIds } from './task-ids.ts';
import type { TaskPlace } from './task-ids.ts';
import { createTaskOwners } from './task-owners.ts';
import type { TaskOwner } from './task-owners.ts';
import { viewerName } from '../views.ts';
import type { Viewer } from '../views.ts';

/** For whom names are made: a consumer, in a session if it has one. What was made through a bundle is known there alone. */
export interface TaskUser extends Viewer {
  readonly sessionId?: string | undefined;
}

/** The names of tasks for their consumers, and who may be told of which. */
export interface TaskNames {
  /** For a task that the consumer has made or has named itself; it is its owner from now on. */
  claim(user: TaskUser, place: TaskPlace): string;
  /** For a task that a server speaks of; undefined when it is not known to be the consumer's. */
  nameFor(viewer: Viewer, place: TaskPlace): string | undefined;
  find(viewer: Viewer, id: unknown): TaskPlace | undefined;
  ownerOf(place: TaskPlace): TaskOwner | undefined;
  forgetServer(server: string): void;
}

/** @param key 32 bytes; random by default: then ids are good as long as this process lives */
export function createTaskNames(key: Uint8Array = randomBytes(32)): TaskNames {
  const ids = createTaskIds(key);
  const owners = createTaskOwners();
  return {
    claim(user, place) {
      const viewer = viewerName(user);
      owners.remember(place.server, place.taskId, { viewer, sessionId: user.sessionId });
      return ids.toPublic(viewer, place);
    },
    nameFor(given, place) {
      const viewer = viewerName(given);
      return owners.of(place.server, place.taskId)?.viewer === viewer ? ids.toPublic(viewer, place) : undefined;
    },
    find: (viewer, id) => ids.fromPublic(viewerName(viewer), id),
    ownerOf: ({ server, taskId }) => owners.of(server, taskId),
    forgetServer: (server) => owners.forget(server),
  };
}
