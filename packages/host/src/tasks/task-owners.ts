/** Whose a task is. */
export interface TaskOwner {
  readonly consumer: string;
  /** The session in which it was last asked for. */
  readonly sessionId: string | undefined;
}

/**
 * Who made the tasks of the servers, as far as the host saw it. Several consumers may share one connection, and a server
 * lists and reports the tasks of all of them there: each consumer shall learn of its own.
 */
export interface TaskOwners {
  remember(server: string, taskId: string, owner: TaskOwner): void;
  of(server: string, taskId: string): TaskOwner | undefined;
  forget(server: string): void;
}

/** Tasks remembered of one server; the oldest is forgotten first. */
const MAX_TASKS = 4_096;

export function createTaskOwners(): TaskOwners {
  const servers = new Map<string, Map<string, TaskOwner>>();

  return {
    remember(server, taskId, owner) {
      const tasks = servers.get(server) ?? new Map<string, TaskOwner>();
      servers.set(server, tasks);
      tasks.delete(taskId);
      tasks.set(taskId, owner);
      for (const oldest of tasks.keys()) {
        if (tasks.size <= MAX_TASKS) break;
        tasks.delete(oldest);
      }
    },
    of: (server, taskId) => servers.get(server)?.get(taskId),
    forget: (server) => void servers.delete(server),
  };
}
