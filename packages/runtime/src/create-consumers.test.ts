import { createKey } from '@hostler/auth';
import { toPlan } from '@hostler/config';
import type { ConfigFile, HostPlan } from '@hostler/config';
import { createMemoryProvider, createRedactor, createSecretResolver } from '@hostler/secrets';
import { DrivenClock } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { createConsumers } from './create-consumers.ts';
import { createViews } from './create-views.ts';

const { signal } = new AbortController();
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const planOf = (consumers?: ConfigFile['consumers']): HostPlan =>
  toPlan(
    { servers: { one: { command: 'x' }, two: { command: 'x' } }, ...(consumers && { consumers }) },
    { source: '/hostler.yaml' },
  );
const facts = (key: string) => ({ authorization: `Bearer ${key}` });

function setUp(plan: HostPlan) {
  const clock = new DrivenClock();
  const provider = createMemoryProvider({ key: createKey().key });
  const secrets = createSecretResolver({ providers: [provider], redactor: createRedactor(), clock, fetch });
  const closing = new AbortController();
  const consumers = createConsumers({ plan, secrets, clock, log: silent, closing: closing.signal });
  let changes = 0;
  consumers.onChange(() => (changes += 1));
  return { clock, provider, secrets, closing, consumers, changes: () => changes };
}

describe('createConsumers', () => {
  it('lets everybody in without a word about consumers, and nobody where there are none', () => {
    const open = setUp(planOf()).consumers;
    const { consumers: closed } = setUp(planOf({}));
    const anonymous = open.identify({}, signal);
    expect([anonymous, open.isOpen, open.isGood({ name: 'anonymous' })]).toEqual([{ name: 'anonymous' }, true, true]);
    expect(() => closed.identify({}, signal)).toThrow(expect.objectContaining({ code: 'AUTH_MISSING' }));
    expect([closed.isOpen, closed.isGood({ name: 'anonymous' }), closed.isGood({ name: 'hostler' })]).toEqual([
      false,
      false,
      true,
    ]);
    expect(closed.isGood({ name: 'hostler', identity: { method: 'key' } })).toBe(false);
  });

  it('follows another plan at once, and tells who holds something', async () => {
    const [first, second] = [createKey(), createKey()];
    const { clock, consumers, changes } = setUp(planOf({ a: { keys: [first, second].map(({ hash }) => ({ hash })) } }));
    const one = consumers.identify(facts(first.key), signal);
    const two = consumers.identify(facts(second.key), signal);
    if (one instanceof Promise || two instanceof Promise) throw new Error('a promise where nothing is waited for');
    const next = consumers.prepare(planOf({ a: { keys: [{ hash: second.hash }] } }));
    expect(consumers.isGood(one)).toBe(true);
    next();
    expect([consumers.isGood(one), consumers.isGood(two)]).toEqual([false, true]);
    expect(() => consumers.identify(facts(first.key), signal)).toThrow(
      expect.objectContaining({ code: 'AUTH_INVALID' }),
    );
    await clock.pass(0);
    expect(changes()).toBe(1);
    consumers.prepare(planOf())();
    expect([consumers.isGood(two), consumers.isOpen]).toEqual([false, true]);
  });

  it('leaves everything as it is where only a view changes', async () => {
    const { key, hash } = createKey();
    const { clock, consumers, changes } = setUp(planOf({ a: { keys: [{ hash }] } }));
    const consumer = await consumers.identify(facts(key), signal);
    consumers.prepare(planOf({ a: { keys: [{ hash }], deny: ['one/*'] } }))();
    await clock.pass(1_000);
    expect([consumers.isGood(consumer), changes()]).toEqual([true, 0]);
  });

  it('lets nobody in whose key was taken back while it was looked up', async () => {
    const { key } = createKey();
    const { provider, consumers } = setUp(planOf({ a: { keys: [{ secret: 'memory://key' }] } }));
    provider.set('key', key);
    const found = consumers.identify(facts(key), signal);
    expect(found).toBeInstanceOf(Promise);
    consumers.prepare(planOf({}))();
    await expect(found).rejects.toMatchObject({ code: expect.stringMatching(/^AUTH_/) });
  });

  it('asks the table in force where the one before it was closed meanwhile, and makes nobody anonymous', async () => {
    const { key } = createKey();
    const keys = [{ secret: 'memory://key' }];
    const { provider, consumers } = setUp(planOf({ a: { keys } }));
    provider.set('key', key);
    const found = consumers.identify(facts(key), signal);
    consumers.prepare(planOf({ a: { keys }, b: {} }))();
    expect(await found).toMatchObject({ name: 'a' });
    const second = setUp(planOf({ a: { keys } }));
    second.provider.set('key', key);
    const meanwhile = second.consumers.identify(facts(key), signal);
    second.consumers.prepare(planOf())();
    await expect(meanwhile).rejects.toMatchObject({ code: 'AUTH_INVALID' });
  });

  it('takes a key whose secret has changed, and the one before it no longer', async () => {
    const [old, fresh] = [createKey().key, createKey().key];
    const { clock, provider, secrets, consumers, changes } = setUp(
      planOf({ a: { keys: [{ secret: 'memory://key' }] } }),
    );
    provider.set('key', old);
    await consumers.start();
    const consumer = await consumers.identify(facts(old), signal);
    provider.set('key', fresh);
    await secrets.refresh('memory://key', signal);
    await clock.pass(0);
    expect([consumers.isGood(consumer), changes()]).toEqual([false, 1]);
    expect(await consumers.identify(facts(fresh), signal)).toMatchObject({ name: 'a' });
  });
});

describe('createViews', () => {
  it('shows everything to the host itself, to each consumer its own, and nothing to one that is gone', () => {
    const { consumers = [] } = planOf({ a: { servers: ['one'] } });
    const views = createViews({ consumers });
    const sees = (name: string) => ['one', 'two'].map((server) => views.of({ name }).hasServer(server));
    expect([sees('hostler'), sees('a'), sees('b'), sees('anonymous')]).toEqual([
      [true, true],
      [true, false],
      [false, false],
      [false, false],
    ]);
    views.change({ consumers: [] });
    expect(sees('a')).toEqual([false, false]);
    views.change({});
    expect([sees('anonymous'), sees('a')]).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});
