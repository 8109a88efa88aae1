import { performance } from 'node:perf_hooks';
import type { Clock } from '@hostler/kernel';

/** The monotonic clock of this process; its timers keep nothing alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
