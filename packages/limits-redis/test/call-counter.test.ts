import { createMemoryCounter } from '@hostler/host';
import type { CallCounter } from '@hostler/host';
import { redisProgram, startRedis } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisCounter } from '../src/index.ts';
import { connectedCounter, silent, systemClock, untilCounts } from './support.ts';

const DAY = 24 * 3_600_000;

interface Implementation {
  open(): Promise<CallCounter & AsyncDisposable>;
}

/** What every `CallCounter` does; keys are of each test alone. */
function callCounterSuite(open: Implementation['open']): void {
  let counter: Awaited<ReturnType<Implementation['open']>>;
  let tests = 0;
  beforeAll(async () => void (counter = await open()));
  afterAll(() => counter[Symbol.asyncDispose]());
  // What a slow machine takes between two calls frees nothing to speak of.
  const daily = (count: number, burst = count, key = `test/${(tests += 1)}`) => ({
    key,
    rate: { count, per: DAY },
    burst,
  });

  it('lets the burst through and refuses the next, which uses nothing up', async () => {
    const use = daily(3);
    for (let call = 1; call <= 3; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      const counted = await counter.take([use]);
      expect(counted.refused).toBeUndefined();
      expect((counted.busy[0] ?? 0) / (DAY / 3)).toBeCloseTo(call, 2);
    }
    for (let call = 0; call < 3; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      const counted = await counter.take([use]);
      expect(counted.refused).toBe(0);
      expect((counted.busy[0] ?? 0) / (DAY / 3)).toBeCloseTo(3, 2);
    }
  });

  it('counts against all rates or none, and names the one that refused', async () => {
    const [wide, narrow] = [daily(10), daily(1)];
    expect(await counter.take([wide, narrow])).not.toHaveProperty('refused');
    expect(await counter.take([wide, narrow])).toMatchObject({ refused: 1 });
    const { busy } = await counter.take([wide]);
    expect((busy[0] ?? 0) / (DAY / 10)).toBeCloseTo(2, 2);
  });

  it('keeps keys apart', async () => {
    const [one, other] = [daily(1), daily(1)];
    expect(await counter.take([one])).not.toHaveProperty('refused');
    expect(await counter.take([other])).not.toHaveProperty('refused');
    expect(await counter.take([one])).toMatchObject({ refused: 0 });
  });

  it('frees what was used as time passes', async () => {
    const use = { key: `test/${(tests += 1)}`, rate: { count: 1, per: 1_000 }, burst: 1 };
    // Both are on their way at once: however slow this machine is, nothing is freed between them.
    const [first, second] = await Promise.all([counter.take([use]), counter.take([use])]);
    expect(first).not.toHaveProperty('refused');
    expect(second).toMatchObject({ refused: 0 });
    await expect
      .poll(async () => (await counter.take([use])).refused, { interval: 5, timeout: 30_000 })
      .toBeUndefined();
  });

  it('takes another rate over with what was used, but makes nobody wait longer than from the beginning', async () => {
    const use = daily(100);
    for (let call = 0; call < 5; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await counter.take([use]);
    }
    const narrow = daily(2, 2, use.key);
    const { busy } = await counter.take([narrow]);
    expect(busy[0]).toBeLessThanOrEqual(DAY + 1);
  });

  it('never lets more through than the burst, however many ask at once', async () => {
    const use = daily(50);
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
    // At once: before the process has another turn.
    const turn = new Promise((resolve) => setImmediate(resolve, 'later'));
    await expect(Promise.race([counter.take([use]), turn])).rejects.toThrow('not connected to Redis');
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
