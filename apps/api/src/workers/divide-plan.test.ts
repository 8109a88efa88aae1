import { describe, expect, it } from 'vitest';
import type { HostPlan } from '@hostler/config';
import { defaultEndpointLimits } from '@hostler/endpoint';
import { checkShareable } from './check-shareable.ts';
import { parseWorkers } from './count-workers.ts';
import { divideBounds, dividePlan, partOf } from './divide-plan.ts';
import { markOf, placeOf } from './marks.ts';

const parts = [1, 2, 3].map((place) => ({ place, workers: 3 }));
const plan = (more: object): HostPlan => ({ servers: [], limits: {}, ...more }) as unknown as HostPlan;

describe('what is divided among workers', () => {
  it.each([3, 4, 5, 64, 1_000])('is %d in all', (whole) => {
    expect(parts.reduce((sum, part) => sum + partOf(whole, part), 0)).toBe(whole);
  });

  it('is places, sessions and streams of a consumer, and not its rates', () => {
    const limits = {
      concurrent: 7,
      waiting: 0,
      sessions: 9,
      streams: 3,
      calls: { count: 10, per: 1_000 },
      subscriptions: 5,
    };
    const divided = parts.map((part) => dividePlan(plan({ consumers: [{ name: 'a', limits }] }), part, false));
    const found = divided.map(({ consumers = [] }) => consumers[0]?.limits);
    expect(found.map((one) => one?.concurrent)).toEqual([3, 2, 2]);
    expect(found[2]).toEqual({ ...limits, concurrent: 2, sessions: 3, streams: 1 });
  });

  it('is what an address may ask, also where that is not written', () => {
    const addresses = (limits: object, isExposed: boolean): unknown =>
      parts.map((part) => dividePlan(plan({ limits }), part, isExposed).limits.addresses);
    expect(addresses({}, false)).toEqual([undefined, undefined, undefined]);
    expect(addresses({ addresses: 'off' }, true)).toEqual(['off', 'off', 'off']);
    expect(addresses({}, true)).toMatchObject([{ count: 334 }, { count: 333 }, { count: 333 }]);
  });

  it('is the bound of all clients and not that of one message', () => {
    const { sessions, messageBytes } = divideBounds({ sessions: 30 }, { place: 1, workers: 3 });
    expect([sessions, messageBytes]).toEqual([10, defaultEndpointLimits.messageBytes]);
  });

  it('is a server’s bound where each worker connects to it', () => {
    const concurrency = { running: 6, waiting: 3 };
    const servers = ['stdio', 'http'].map((kind) => ({
      name: kind,
      concurrency,
      transport: { kind, env: {}, headers: {} },
    }));
    const [stdio, http] = dividePlan(plan({ servers }), { place: 1, workers: 3 }, false).servers;
    expect([stdio?.concurrency, http?.concurrency]).toEqual([concurrency, { running: 2, waiting: 1 }]);
  });
});

describe('what workers cannot share', () => {
  const spec = (transport: object) =>
    plan({ servers: [{ name: 'x', transport: { env: {}, headers: {}, ...transport } }] });
  it.each([
    ['tokens of users', spec({ kind: 'http', oauth: { grant: 'authorization-code' } }), 'servers.x: tokens'],
    [
      'a process for each caller',
      spec({ kind: 'stdio', env: { T: { secret: 'vault://{sub}' } } }),
      'servers.x: a process',
    ],
    [
      'fewer places than workers',
      plan({ consumers: [{ name: 'c', limits: { streams: 2 } }] }),
      'consumers.c.limits.streams',
    ],
  ])('is refused with its name: %s', (_, refused, reason) => {
    expect(() => checkShareable(refused, 3)).toThrow(reason);
    expect(() => checkShareable(refused, 1)).not.toThrow();
  });
});

describe('the number of workers', () => {
  it.each(['0', '65', '1.5', '', '-1', 'many'])('is not %j', (text) => {
    expect(() => parseWorkers(text)).toThrow('--workers must be a whole number from 1 to 64, or auto');
  });
});

describe('a mark', () => {
  it('says which worker gave an id out, and is not there where nobody put one', () => {
    expect(placeOf(`abc${markOf(12)}`)).toBe(12);
    expect([placeOf('abc'), placeOf('abc.'), placeOf('abc.x'), placeOf('a.1b')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
