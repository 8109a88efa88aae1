import { createMemoryCounter } from '@hostler/host';
import type { CallCounter } from '@hostler/host';
import { redisProgram, startRedis } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisCounter } from '../src/index.ts';
import { connectedCounter, silent, systemClock, untilCounts } from './support.ts';

interface Implementation {
  open(): Promise<CallCounter & AsyncDisposable>;
}

/** What every `CallCounter` does; keys are of each test alone. */
function callCounterSuite(open: Implementation['open']): void {
  let counter: Awaited<ReturnType<Implementation['open']>>;
  let tests = 0;
  beforeAll(async () => void (counter = await open()));
  afterAll(() => counter[Symbol.asyncDispose]());
  const hourly = (count: number, burst = count, key = `test/${(tests += 1)}`) => ({
    key,
    rate: { count, per: 3_600_000 },
    burst,
  });

  it('lets the burst through and refuses the next, which uses nothing up', async () => {
    const use = hourly(3);
    for (let call = 1; call <= 3; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      const counted = await counter.take([use]);
      expect(counted.refused).toBeUndefined();
      expect((counted.busy[0] ?? 0) / 1_200_000).toBeCloseTo(call, 2);
    }
    for (let call = 0; call < 3; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      const counted = await counter.take([use]);
      expect(counted.refused).toBe(0);
      expect((counted.busy[0] ?? 0) / 1_200_000).toBeCloseTo(3, 2);
    }
  });

  it('counts against all rates or none, and names the one that refused', async () => {
    const [wide, narrow] = [hourly(10), hourly(1)];
    expect(await counter.take([wide, narrow])).not.toHaveProperty('refused');
    expect(await counter.take([wide, narrow])).toMatchObject({ refused: 1 });
    const { busy } = await counter.take([wide]);
    expect((busy[0] ?? 0) / 360_000).toBeCloseTo(2, 2);
  });

  it('keeps keys apart', async () => {
    const [one, other] = [hourly(1), hourly(1)];
    expect(await counter.take([one])).not.toHaveProperty('refused');
    expect(await counter.take([other])).not.toHaveProperty('refused');
    expect(await counter.take([one])).toMatchObject({ refused: 0 });
  });

  it('frees what was used as time passes', async () => {
    const use = { key: `test/${(tests += 1)}`, rate: { count: 20, per: 1_000 }, burst: 1 };
    expect(await counter.take([use])).not.toHaveProperty('refused');
    expect(await counter.take([use])).toMatchObject({ refused: 0 });
    await expect.poll(async () => (await counter.take([use])).refused, { interval: 5 }).toBeUndefined();
  });

  it('takes another rate over with what was used, but makes nobody wait longer than from the beginning', async () => {
    const use = hourly(100);
    for (let call = 0; call < 5; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await counter.take([use]);
    }
    const narrow = hourly(2, 2, use.key);
    const { busy } = await counter.take([narrow]);
    expect(busy[0]).toBeLessThanOrEqual(3_600_001);
  });

  it('never lets more through than the burst, however many ask at once', async () => {
    const use = hourly(50);
    const all = await Promise.all(Array.from({ length: 200 }, async () => counter.take([use])));
    expect(all.filter(({ refused }) => refused === undefined)).toHaveLength(50);
  });
}

describe('the counter in memory', () => {
  callCounterSuite(async () => ({
    ...createMemoryCounter({ clock: systemClock, entries: 100 }),
    async [Symbol.asyncDispose]() {},
  }));

  it('forgets what was used longest ago when it is full', () => {
    const counter = createMemoryCounter({ clock: systemClock, entries: 2 });
    const use = (key: string) => counter.take([{ key, rate: { count: 1, per: 3_600_000 }, burst: 1 }]).refused;
    expect([use('a'), use('b'), use('a'), use('c'), use('a'), use('b')]).toEqual([
      undefined,
      undefined,
      0,
      undefined,
      0,
      undefined,
    ]);
  });
});

const installed = redisProgram() !== undefined;
if (!installed) console.warn('redis-server is not installed: what is counted in Redis is not tested');

describe.skipIf(!installed)('the counter in Redis', () => {
  callCounterSuite(async () => {
    const redis = await startRedis();
    const counter = await connectedCounter({ socket: redis.socket, log: silent });
    return {
      take: (uses) => counter.take(uses),
      async [Symbol.asyncDispose]() {
        counter.close();
        await redis[Symbol.asyncDispose]();
      },
    };
  });

  it('is one for all who name the same prefix', async () => {
    await using redis = await startRedis();
    const open = (prefix: string) => connectedCounter({ socket: redis.socket, log: silent, prefix });
    const [a, b, other] = await Promise.all([open('a:'), open('a:'), open('b:')]);
    const use = { key: 'x', rate: { count: 2, per: 3_600_000 }, burst: 2 };
    expect([(await a.take([use])).refused, (await b.take([use])).refused]).toEqual([undefined, undefined]);
    expect([(await a.take([use])).refused, (await b.take([use])).refused]).toEqual([0, 0]);
    expect((await other.take([use])).refused).toBeUndefined();
    for (const each of [a, b, other]) each.close();
  });

  it('fails at once while Redis is away, and counts again when it is back', async () => {
    await using redis = await startRedis();
    const counter = await connectedCounter({ socket: redis.socket, log: silent });
    await redis.kill();
    const use = { key: 'x', rate: { count: 2, per: 3_600_000 }, burst: 2 };
    await expect(counter.take([use])).rejects.toBeInstanceOf(Error);
    const begun = performance.now();
    await expect(counter.take([use])).rejects.toThrow('not connected to Redis');
    expect(performance.now() - begun).toBeLessThan(50);
    await redis.start();
    await untilCounts(counter);
    expect((await counter.take([use])).refused).toBeUndefined();
    counter.close();
  });

  it('shows the password that it reads for each connection', async () => {
    await using redis = await startRedis({ password: 'open sesame' });
    const { Secret } = await import('@hostler/secrets');
    const read = async () => new Secret('sesame', { reference: 'env://X' });
    const counter = await connectedCounter({
      socket: redis.socket,
      log: silent,
      password: { read, format: 'open {}' },
    });
    counter.close();
    const stranger = createRedisCounter({ socket: redis.socket, log: silent });
    await expect(stranger.take([{ key: 'x', rate: { count: 1, per: 1_000 }, burst: 1 }])).rejects.toBeInstanceOf(Error);
    stranger.close();
  });
});
