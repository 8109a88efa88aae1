export { createRedisCounter } from './redis-counter.ts';
export type { RedisCounter, RedisCounterOptions } from './redis-counter.ts';
export type { RedisPassword } from './redis-connection.ts';
