import { createRedisCounter } from '../src/index.ts';
import type { RedisCounter, RedisCounterOptions } from '../src/index.ts';

export const silent = { debug() {}, info() {}, warn() {}, error() {} };

export const systemClock = { now: () => performance.now() };

/** Resolves when Redis answers. */
export async function untilCounts(counter: RedisCounter): Promise<void> {
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- until it answers
      await counter.take([{ key: 'ready', rate: { count: 1_000, per: 1_000 }, burst: 1_000 }]);
      return;
    } catch {
      // oxlint-disable-next-line no-await-in-loop -- one turn
      await new Promise((resolve) => void setTimeout(resolve, 5));
    }
  }
}

export async function connectedCounter(options: RedisCounterOptions): Promise<RedisCounter> {
  const counter = createRedisCounter(options);
  await untilCounts(counter);
  return counter;
}
