import type { CallRate } from '@hostler/kernel';
import { connectRedis } from './redis-connection.ts';
import type { RedisConnectionOptions } from './redis-connection.ts';
import { takeScript, takeScriptDigest } from './take-script.ts';

/** One rate that a request is counted against. */
interface RateUse {
  readonly key: string;
  readonly rate: CallRate;
  readonly burst: number;
}

export interface RedisCounterOptions extends RedisConnectionOptions {
  /** Before every key; default `hostler:`. */
  readonly prefix?: string;
}

/** The `CallCounter` of `@hostler/host`, in Redis or Valkey. */
export interface RedisCounter {
  /** Settles when it is connected for the first time, or closed. */
  readonly connected: Promise<void>;
  /** One round trip. Rejects while Redis is away. */
  take(uses: readonly RateUse[]): Promise<{ readonly refused?: number; readonly busy: readonly number[] }>;
  close(): void;
}

/** Connects in the background. The clock is that of Redis: those of the hosts need not agree. */
export function createRedisCounter({ prefix = 'hostler:', ...options }: RedisCounterOptions): RedisCounter {
  const connection = connectRedis(options);

  /** Redis forgets its scripts when it starts anew. */
  async function run(rest: readonly string[]): Promise<unknown> {
    try {
      return await connection.send(['EVALSHA', takeScriptDigest, ...rest]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return connection.send(['EVAL', takeScript, ...rest]);
    }
  }

  return {
    connected: connection.connected,
    async take(uses) {
      const keys = uses.map(({ key }) => `${prefix}${key}`);
      const rates = uses.flatMap(({ rate, burst }) => [rate.count, rate.per, burst].map(String));
      return readAnswer(await run([String(keys.length), ...keys, ...rates]), uses.length);
    },
    close: () => connection.close(),
  };
}

/** @throws TypeError for what is no answer of the script */
function readAnswer(answer: unknown, rates: number): { readonly refused?: number; readonly busy: readonly number[] } {
  if (!Array.isArray(answer) || answer.length !== rates + 1 || !answer.every(Number.isInteger)) {
    throw new TypeError('Redis gave another answer than expected');
  }
  const [refused = 0, ...busy] = answer as number[];
  if (refused > rates || Math.min(refused, ...busy) < 0) throw new TypeError('Redis gave an answer that cannot be');
  return { busy: busy.map((microseconds) => microseconds / 1_000), ...(refused > 0 && { refused: refused - 1 }) };
}
