import type { Clock } from '@hostler/kernel';
import type { Taker } from './hand-out.ts';
import type { ToWorker } from './worker-messages.ts';
import type { WorkerProcess } from './worker-process.ts';

/** All workers of a host. */
export interface Crew {
  readonly workers: readonly WorkerProcess[];
  /** Those that can take a connection now. */
  takers(): readonly Taker[];
  send(message: ToWorker): void;
  /** Asks all to end; those that have not by then are killed. Asked again, it takes the shorter time. */
  close(grace: number): Promise<void>;
  /** Another one takes connections, or no longer does. */
  onState(): void;
  /** Resolves when each has started once. */
  readonly started: Promise<void>;
}

/** Milliseconds beyond the grace for the last answers to leave, and for what is left to go. */
const END_TIME = 5_000;

export function createCrew(workers: readonly WorkerProcess[], clock: Pick<Clock, 'after'>): Crew {
  const started = Promise.withResolvers<void>();
  const all = workers.map((worker): Taker & { readonly worker: WorkerProcess } => ({
    worker,
    place: worker.place,
    take: (socket, head) => worker.send({ kind: 'connection', ...(head && { head }) }, socket),
  }));
  let able: readonly Taker[] = [];
  return {
    workers,
    started: started.promise,
    takers: () => able,
    send(message) {
      for (const worker of workers) worker.send(message);
    },
    onState() {
      able = all.filter(({ worker }) => worker.isListening);
      if (workers.every(({ hasStarted }) => hasStarted)) started.resolve();
    },
    async close(grace) {
      const stopTimer = clock.after(grace + END_TIME, () => {
        for (const worker of workers) worker.kill();
      });
      await Promise.all(workers.map((worker) => worker.close(grace)));
      stopTimer();
    },
  };
}
