/** Work on one thing at a time: what concerns the same name waits for what was asked for before. */
export interface Turns {
  /** Begins at once, in the same turn of the event loop, when nothing else is under way for the name. */
  take<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(name, work) {
      const before = last.get(name);
      const result = before ? before.then(work) : work();
      const over = result.then(
        () => {},
        () => {},
      );
      const turn = over.then(() => {
        if (last.get(name) === turn) last.delete(name);
      });
      last.set(name, turn);
      return result;
    },
  };
}
