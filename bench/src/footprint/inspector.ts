/** A look into another process from outside, by the inspector protocol: nothing of it is in the product. */
export interface Inspector {
  /** Bytes of the heap that are still in use when all garbage is gone. */
  liveHeap(): Promise<number>;
  close(): void;
}

const LONGEST_ANSWER_MS = 60_000;

interface Answer {
  readonly id?: number;
  readonly result?: { readonly usedSize?: number };
  readonly error?: { readonly message: string };
}

export async function openInspector(url: string): Promise<Inspector> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let lastId = 0;
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.resolve(answer);
  });
  socket.addEventListener('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the process that is looked into is gone'));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error(`no inspector at ${url}`)), { once: true });
  });

  async function ask(method: string): Promise<NonNullable<Answer['result']>> {
    const id = ++lastId;
    const answered = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => answered.reject(new Error(`${method} takes too long`)), LONGEST_ANSWER_MS);
    waiting.set(id, answered);
    try {
      socket.send(JSON.stringify({ id, method }));
      const { result = {}, error } = await answered.promise;
      if (error !== undefined) throw new Error(`${method}: ${error.message}`);
      return result;
    } finally {
      clearTimeout(timer);
      waiting.delete(id);
    }
  }

  return {
    async liveHeap() {
      // What a finalizer lets go of is garbage only of the next collection.
      await ask('HeapProfiler.collectGarbage');
      await ask('HeapProfiler.collectGarbage');
      return (await ask('Runtime.getHeapUsage')).usedSize ?? Number.NaN;
    },
    close: () => socket.close(),
  };
}
