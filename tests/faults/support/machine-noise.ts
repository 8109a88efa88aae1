import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** How late this machine is, whatever the host does. */
export interface MachineNoise {
  /** The longest delay of a timer so far, in milliseconds; ends the measurement. */
  stop(): Promise<number>;
}

/** A thread of its own that does nothing but wait: when even that is late, the processors are busy with something else. */
const waiting = `
  const { parentPort } = require('node:worker_threads');
  let last = performance.now();
  let latest = 0;
  setInterval(() => {
    const now = performance.now();
    latest = Math.max(latest, now - last - 5);
    last = now;
  }, 5);
  parentPort.once('message', () => parentPort.postMessage(latest));
`;

export async function startMachineNoise(): Promise<MachineNoise> {
  const worker = new Worker(waiting, { eval: true });
  await once(worker, 'online');
  return {
    async stop() {
      worker.postMessage('stop');
      const [latest] = (await once(worker, 'message')) as [number];
      await worker.terminate();
      return latest;
    },
  };
}
