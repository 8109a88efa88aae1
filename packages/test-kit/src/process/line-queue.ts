/** Lines of text as they arrive; readers wait with a deadline. Old lines are dropped, so nothing grows for ever. */
export interface LineQueue {
  /** Feeds a piece of the stream, cut anywhere. */
  push(chunk: string): void;
  /** Says that no more lines will come; what is unfinished becomes the last line. */
  end(reason: string): void;
  /** The first line not yet taken for which `matches` holds; takes it, and leaves the others. */
  take(matches: (line: string) => boolean, timeout?: number): Promise<string>;
  /** Everything that is kept, taken or not. */
  text(): string;
  /** Resolves when no more lines will come. */
  readonly ended: Promise<void>;
}

const maximumLines = 10_000;

interface Waiter {
  readonly matches: (line: string) => boolean;
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

export interface LineQueueOptions {
  /** What the lines are, for the messages of errors. */
  readonly name: string;
  /** How many characters are kept. */
  readonly capacity?: number;
}

export function createLineQueue({ name, capacity = 4 * 1024 * 1024 }: LineQueueOptions): LineQueue {
  const untaken: string[] = [];
  const waiters = new Set<Waiter>();
  let partial = '';
  let kept = '';
  let endReason: string | undefined;
  const ending = Promise.withResolvers<void>();

  function arrive(line: string): void {
    for (const waiter of waiters) {
      if (!waiter.matches(line)) continue;
      waiters.delete(waiter);
      waiter.resolve(line);
      return;
    }
    untaken.push(line);
    if (untaken.length > maximumLines) untaken.shift();
  }

  function failure(reason: string): Error {
    return new Error(`${name}: ${reason}; the last output was:\n${kept.slice(-2_000)}`);
  }

  return {
    push(chunk) {
      kept = (kept + chunk).slice(-capacity);
      const lines = (partial + chunk).split('\n');
      partial = (lines.pop() ?? '').slice(-capacity);
      for (const line of lines) arrive(line);
    },
    end(reason) {
      if (endReason !== undefined) return;
      if (partial !== '') arrive(partial);
      partial = '';
      endReason = reason;
      ending.resolve();
      for (const waiter of waiters) waiter.reject(failure(reason));
      waiters.clear();
    },
    take(matches, timeout = 30_000) {
      const index = untaken.findIndex(matches);
      const [line] = index === -1 ? [] : untaken.splice(index, 1);
      if (line !== undefined) return Promise.resolve(line);
      if (endReason !== undefined) return Promise.reject(failure(endReason));
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const waiter: Waiter = { matches, resolve, reject };
      waiters.add(waiter);
      const timer = setTimeout(() => {
        waiters.delete(waiter);
        reject(failure(`no matching line within ${timeout} ms`));
      }, timeout);
      timer.unref();
      return promise.finally(() => clearTimeout(timer));
    },
    text: () => kept,
    ended: ending.promise,
  };
}
