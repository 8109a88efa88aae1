/** Whose a task is. */
export interface TaskOwner {
  /** Its consumer, and the bundle if it was made through one. */
  readonly viewer: string;
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

/** Tasks remembered of one server; of whoever has the most the oldest is forgotten first. */
const MAX_TASKS = 4_096;

export function createTaskOwners(most = MAX_TASKS): TaskOwners {
  const servers = new Map<string, OwnedTasks>();

  return {
    remember(server, taskId, owner) {
      const tasks = servers.get(server) ?? new OwnedTasks(most);
      servers.set(server, tasks);
      tasks.set(taskId, owner);
    },
    of: (server, taskId) => servers.get(server)?.get(taskId),
    forget: (server) => void servers.delete(server),
  };
}

/** The tasks of one server. */
class OwnedTasks {
  readonly #most: number;
  readonly #owners = new Map<string, TaskOwner>();
  /** The ids of each viewer, the one remembered longest ago first. */
  readonly #byViewer = new Map<string, Set<string>>();

  constructor(most: number) {
    this.#most = most;
  }

  get(taskId: string): TaskOwner | undefined {
    return this.#owners.get(taskId);
  }

  set(taskId: string, owner: TaskOwner): void {
    this.#delete(taskId);
    this.#owners.set(taskId, owner);
    this.#byViewer.set(owner.viewer, (this.#byViewer.get(owner.viewer) ?? new Set()).add(taskId));
    if (this.#owners.size > this.#most) this.#forgetOne();
  }

  #forgetOne(): void {
    let largest: ReadonlySet<string> = new Set();
    for (const ids of this.#byViewer.values()) if (ids.size > largest.size) largest = ids;
    const [oldest] = largest;
    if (oldest !== undefined) this.#delete(oldest);
  }

  #delete(taskId: string): void {
    const viewer = this.#owners.get(taskId)?.viewer;
    if (viewer === undefined) return;
    this.#owners.delete(taskId);
    const ids = this.#byViewer.get(viewer);
    ids?.delete(taskId);
    if (ids?.size === 0) this.#byViewer.delete(viewer);
  }
}
