import { DrivenClock, exchange, redisProgram, startRedis } from '@hostler/test-kit';
import type { HttpAnswer } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { bearer, newKey, startRig } from './support/consumers-rig.ts';
import type { ConsumersRig, Settings } from './support/consumers-rig.ts';

const a = newKey();
const monitor = newKey();

type Store = NonNullable<NonNullable<Settings['limits']>['store']>;

const shared = (redis: Store['redis'], whenAway: 'local' | 'refuse' = 'local', calls = '4/h'): Settings => ({
  consumers: { a: { keys: [a.entry], limits: { calls } }, monitor: { keys: [monitor.entry], roles: ['viewer'] } },
  limits: { store: { redis, whenAway } },
});

const ask = ({ url }: ConsumersRig): Promise<HttpAnswer> => exchange(`${url}/v1/tools`, { headers: bearer(a.key) });

async function metric({ url }: ConsumersRig, name: string): Promise<number> {
  const { text } = await exchange(`${url}/metrics`, { headers: bearer(monitor.key) });
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
}

/** Two of them, whose time stands still: the store has all the time it needs for an answer, however busy the machine is. */
async function startTwo(settings: Settings) {
  const clock = new DrivenClock();
  const one = await startRig(settings, { clock });
  const other = await startRig(settings, { clock });
  return { clock, one, other, [Symbol.asyncDispose]: async () => void (await Promise.all([one, other].map(end))) };
}

const end = (rig: ConsumersRig): PromiseLike<void> => rig[Symbol.asyncDispose]();

const installed = redisProgram() !== undefined;
if (!installed) console.warn('redis-server is not installed: limits that hosts share are not tested');

describe.skipIf(!installed)('hosts that count together', () => {
  it('give a consumer its rate once', async () => {
    await using redis = await startRedis();
    await using hosts = await startTwo(shared({ socket: redis.socket }));
    const { one, other } = hosts;
    const statuses = [await ask(one), await ask(other), await ask(one), await ask(other)].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200]);
    for (const rig of [one, other]) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      const { status, headers } = await ask(rig);
      expect(status).toBe(429);
      expect(Number(headers['retry-after'])).toBeGreaterThan(800);
      expect(headers.ratelimit).toMatch(/^"consumer";r=0;t=3[56]\d\d$/);
    }
    expect(await metric(one, 'hostler_limit_store_away')).toBe(0);
    expect(await metric(one, 'hostler_limit_decisions_total{by="store"}')).toBe(3);
  });

  it('A-26: count for themselves while the store is away, and together again when it is back', async () => {
    await using redis = await startRedis();
    await using hosts = await startTwo(shared({ socket: redis.socket }));
    const { clock, one, other } = hosts;
    for (let call = 0; call < 4; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await ask(one);
    }
    expect((await ask(other)).status).toBe(429);
    await redis.kill();
    const apart: number[] = [];
    for (const rig of [one, other, one, other, one, other, one, other, one, other]) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      apart.push((await ask(rig)).status);
    }
    expect(apart).toEqual([...Array.from({ length: 8 }, () => 200), 429, 429]);
    expect(await metric(one, 'hostler_limit_store_away')).toBe(1);
    expect(one.log().match(/the store of the limits is away/g)).toHaveLength(1);
    await redis.start();
    // With what it knew it has forgotten who used what.
    const askLater = async (): Promise<number> => {
      await clock.pass(1_000);
      return (await ask(one)).status;
    };
    await expect.poll(askLater, { timeout: 20_000, interval: 100 }).toBe(200);
    expect(await metric(one, 'hostler_limit_store_away')).toBe(0);
    expect(one.log()).toContain('counted together with the other hosts again');
  });

  it('A-26: refuse while the store is away where it is so written, and nobody who has no limit', async () => {
    await using redis = await startRedis({ password: 'sesame' });
    await using rig = await startRig({
      ...shared({ socket: redis.socket, password: { secret: 'env://SHARED_LIMITS_PASSWORD' } }, 'refuse', '9/h'),
    });
    // The variable is not there: the store cannot be reached.
    const refused = await ask(rig);
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'LIMIT_STORE_AWAY', mayHaveRun: false });
    const free = await exchange(`${rig.url}/v1/tools`, { headers: bearer(monitor.key) });
    expect(free.status).toBe(200);
  });
});
