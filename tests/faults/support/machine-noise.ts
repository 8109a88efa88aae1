import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** How late this machine is, whatever the host does. */
export interface MachineNoise {
  /** Milliseconds so far in which not even an idle thread was served. */
  total(): number;
  /** The longest delay of a timer so far, in milliseconds; ends the measurement. */
  stop(): Promise<number>;
}

/** Milliseconds: how often that thread wants to be served, and of which lateness on it counts. */
const [INTERVAL, LEAST] = [5, 5];

/** The same in every thread. */
const clock = (): number => Number(process.hrtime.bigint()) / 1e6;

/** A thread of its own that does nothing but wait: when even that is late, the processors are busy with something else. */
const waiting = `
  const { parentPort, workerData } = require('node:worker_threads');
  const shared = new Float64Array(workerData);
  const clock = () => Number(process.hrtime.bigint()) / 1e6;
  let last = (shared[1] = clock());
  let latest = 0;
  setInterval(() => {
    const now = clock();
    const late = now - last - ${INTERVAL};
    latest = Math.max(latest, late);
    if (late > ${LEAST}) shared[0] += late;
    shared[1] = last = now;
  }, ${INTERVAL});
  parentPort.once('message', () => parentPort.postMessage(latest));
  parentPort.postMessage('begun');
`;

export async function startMachineNoise(): Promise<MachineNoise> {
  // What it was late by all in all, and when it was served last.
  const shared = new Float64Array(new SharedArrayBuffer(16));
  const worker = new Worker(waiting, { eval: true, workerData: shared.buffer });
  await once(worker, 'message');
  let isOver = false;
  return {
    total() {
      const [total = 0, last = 0] = shared;
      const late = isOver ? 0 : clock() - last - INTERVAL;
      // Less is the timer's own.
      return late > LEAST ? total + late : total;
    },
    async stop() {
      isOver = true;
      worker.postMessage('stop');
      const [latest] = (await once(worker, 'message')) as [number];
      await worker.terminate();
      return latest;
    },
  };
}
