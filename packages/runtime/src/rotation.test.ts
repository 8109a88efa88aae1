import { createMemoryProvider, createRedactor, createSecretResolver, createSecretWatch } from '@hostler/secrets';
import { DrivenClock, settle } from '@hostler/test-kit';
import { upstreamErrors } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { createRenewingPool, missing, specWith } from '../test/support/renewing-pool.ts';
import { createRotation } from './rotation.ts';
import { referencesOf } from './secret-uses.ts';

const never = new AbortController().signal;
const MINUTE = 60_000;
const notUp = (): Promise<never> =>
  Promise.reject(upstreamErrors.UNAVAILABLE({ details: { server: 'one', problem: 'The login was refused.' } }));

function setup() {
  const clock = new DrivenClock();
  const redactor = createRedactor({ clock });
  const provider = createMemoryProvider({ a: 'first-value-of-a', b: 'first-value-of-b' });
  const lines: string[] = [];
  const note = (level: string) => (_: object, text: string) => void lines.push(`${level} ${text}`);
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const resolver = createSecretResolver({
    providers: [provider],
    redactor,
    clock,
    fetch,
    limits: { ttl: 10 * MINUTE },
    wallClock: () => clock.now(),
  });
  const pool = createRenewingPool();
  const closing = new AbortController();
  const rotation = createRotation({ pool, resolver, clock, log, closing: closing.signal, random: () => 1 });
  const references = (): string[] =>
    pool.states().flatMap(({ name }) => {
      const spec = pool.spec(name);
      return spec === undefined ? [] : referencesOf(spec);
    });
  const watch = createSecretWatch({ resolver, references, clock, interval: 5 * MINUTE, random: () => 0.5, log });
  const read = async (...all: string[]): Promise<void> => {
    for (const reference of all) await resolver.resolve(reference, never);
  };
  return { clock, redactor, provider, lines, resolver, pool, closing, rotation, watch, read };
}

describe('a changed secret', () => {
  it('reaches every server that uses it, and no other, within one interval', async () => {
    const { clock, provider, pool, rotation, watch, read } = setup();
    pool.put(specWith('one', 'memory://a'));
    pool.put(specWith('two', 'memory://a', 'memory://b'));
    pool.put(specWith('three', 'memory://b'));
    await read('memory://a', 'memory://b');
    watch.start();
    await clock.pass(20 * MINUTE);
    expect(pool.asked).toEqual([]);
    provider.set('a', 'second-value-of-a');
    await clock.pass(5.5 * MINUTE);
    expect(pool.asked.toSorted()).toEqual(['one', 'two']);
    expect(rotation.counts()).toEqual({ renewed: 0, restarted: 2, kept: 0 });
    watch.stop();
  });

  it('is not the only one of its value that is masked: the old one is, for a day', async () => {
    const { clock, redactor, provider, pool, watch, read } = setup();
    pool.put(specWith('one', 'memory://a'));
    await read('memory://a');
    watch.start();
    provider.set('a', 'second-value-of-a');
    await clock.pass(6 * MINUTE);
    await clock.pass(23 * 60 * MINUTE);
    expect(redactor.redact('first-value-of-a second-value-of-a')).toBe('[secret] [secret]');
    await clock.pass(2 * 60 * MINUTE);
    expect(redactor.redact('first-value-of-a second-value-of-a')).toBe('first-value-of-a [secret]');
    watch.stop();
  });

  it('is given together with the others of the server that were changed with it', async () => {
    const { provider, pool, resolver, read, rotation } = setup();
    pool.put(specWith('one', 'memory://a', 'memory://b'));
    await read('memory://a', 'memory://b');
    provider.set('a', 'second-value-of-a');
    provider.set('b', { value: 'second-value-of-b', version: '2' });
    const given: (string | undefined)[] = [];
    pool.renew = async () => {
      given.push((await resolver.resolve('memory://b', never)).version);
      return 'renewed';
    };
    await resolver.refresh('memory://a', never);
    await expect.poll(() => rotation.counts().renewed).toBe(1);
    expect(given).toEqual(['2']);
  });

  it('while the server is given one waits for that to end, and several that wait are one', async () => {
    const { clock, provider, pool, resolver, read } = setup();
    pool.put(specWith('one', 'memory://a'));
    await read('memory://a');
    const first = Promise.withResolvers<'restarted'>();
    const outcomes = [first.promise];
    pool.renew = () => outcomes.shift() ?? Promise.resolve('restarted');
    for (const value of ['second-value-of-a', 'third-value-of-a', 'fourth-value-of-a']) {
      provider.set('a', value);
      await resolver.refresh('memory://a', never);
      await settle();
    }
    expect(pool.asked).toEqual(['one']);
    first.resolve('restarted');
    await settle();
    expect(pool.asked).toEqual(['one', 'one']);
    expect(pool.most).toEqual({ all: 1, each: 1 });
    await clock.pass(MINUTE);
    expect(pool.asked).toHaveLength(2);
  });

  it('reaches many servers, a few at a time', async () => {
    const { provider, pool, resolver, read } = setup();
    for (let index = 0; index < 30; index += 1) pool.put(specWith(`s${index}`, 'memory://a'));
    await read('memory://a');
    pool.renew = async () => {
      await settle();
      return 'restarted';
    };
    provider.set('a', 'second-value-of-a');
    await resolver.refresh('memory://a', never);
    await expect.poll(() => pool.asked.length).toBe(30);
    expect(pool.most.all).toBe(8);
  });

  it('that is another one at each read does not keep servers that share it starting', async () => {
    const { clock, provider, pool, resolver, read } = setup();
    const names = ['w', 'x', 'y', 'z'];
    const references = names.map((name) => `memory://${name}`);
    for (const name of names) provider.set(name, `first-value-of-${name}`);
    const servers = Array.from({ length: 6 }, (_, index) => `s${index}`);
    for (const [index, server] of servers.entries()) {
      pool.put(specWith(server, ...[0, 1, 2].map((place) => references[(index + place) % 4] ?? '')));
    }
    await read(...references);
    let reads = 0;
    const plainRead = provider.read.bind(provider);
    provider.read = async (ref, context) => {
      provider.set(ref.path, `value-number-${(reads += 1)}`);
      await settle();
      return plainRead(ref, context);
    };
    pool.renew = (server) =>
      new Promise((resolve) => void clock.after(1_100 + 450 * servers.indexOf(server), () => resolve('restarted')));
    for (const reference of references) await resolver.refresh(reference, never);
    for (let step = 0; step < 30 * 60; step += 1) await clock.pass(1_000);
    const asked = pool.asked.length;
    for (let step = 0; step < 30 * 60; step += 1) await clock.pass(1_000);
    expect(asked).toBeLessThan(200);
    expect(pool.asked.length - asked).toBeLessThan(60);
  }, 30_000);

  it('starts nothing when it is the first value, unless a server goes without it', async () => {
    const { provider, pool, resolver } = setup();
    provider.fail('c', 'NOT_FOUND');
    pool.put(specWith('up', 'memory://c'));
    pool.put(specWith('without', 'memory://c'), { missing: [missing('memory://c')] });
    pool.put(specWith('blocked', 'memory://c'), { status: 'blocked', phase: 'closed' });
    pool.put(specWith('starting', 'memory://c'), { status: 'blocked', phase: 'resolving' });
    await resolver.resolve('memory://c', never).catch(() => undefined);
    provider.set('c', 'first-value-of-c');
    await resolver.refresh('memory://c', never);
    await expect.poll(() => pool.asked.toSorted()).toEqual(['blocked', 'without']);
  });
});

describe('a server that does not come up with its changed secret', () => {
  async function failing() {
    const parts = setup();
    const { pool, provider, resolver, read, rotation } = parts;
    pool.put(specWith('one', 'memory://a'));
    await read('memory://a');
    pool.renew = notUp;
    provider.set('a', 'second-value-of-a');
    await resolver.refresh('memory://a', never);
    await expect.poll(() => rotation.failing().length).toBe(1);
    return parts;
  }

  it('raises an alarm, is tried again with growing pauses, and is quiet when it succeeds', async () => {
    const { clock, pool, rotation, lines } = await failing();
    expect(rotation.failing()).toMatchObject([
      { server: 'one', code: 'UPSTREAM_UNAVAILABLE', problem: 'The login was refused.' },
    ]);
    const tries: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      await clock.pass(1_000);
      if (pool.asked.length > tries.length + 1) tries.push(second + 1);
    }
    expect(tries).toEqual([5, 15, 35]);
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
    pool.renew = () => Promise.resolve('restarted');
    await clock.pass(MINUTE);
    expect(rotation.failing()).toEqual([]);
    expect(rotation.counts()).toEqual({ renewed: 0, restarted: 1, kept: 4 });
    await clock.pass(60 * MINUTE);
    expect(pool.asked).toHaveLength(5);
    expect(clock.pending).toBe(0);
  });

  it('is forgotten when it was removed, or changed by somebody else', async () => {
    for (const change of ['take', 'put'] as const) {
      const { clock, pool, rotation } = await failing();
      if (change === 'take') pool.take('one');
      else pool.put(specWith('one', 'memory://b'));
      expect(rotation.failing()).toEqual([]);
      await clock.pass(10 * MINUTE);
      expect(pool.asked).toHaveLength(1);
      expect(clock.pending).toBe(0);
    }
  });

  it.each(['changed', 'removed', 'the host stops'])('is no failure when meanwhile it is %s', async (what) => {
    const { clock, pool, provider, read, rotation, lines, closing } = setup();
    pool.put(specWith('one', 'memory://a'));
    await read('memory://a');
    const held = Promise.withResolvers<void>();
    pool.renew = () => held.promise.then(notUp);
    provider.set('a', 'second-value-of-a');
    const rotating = rotation.rotate(['memory://a'], never);
    await expect.poll(() => pool.asked).toEqual(['one']);
    if (what === 'changed') pool.put(specWith('one', 'memory://b'));
    else if (what === 'removed') pool.take('one');
    else closing.abort();
    held.resolve();
    expect((await rotating).servers).toEqual([]);
    expect(rotation.counts().kept + clock.pending).toBe(0);
    expect(lines).toEqual([]);
  });

  it('is left to its supervisor when it is not up', async () => {
    const { clock, pool, provider, resolver, read, rotation } = setup();
    pool.put(specWith('one', 'memory://a'), { status: 'down', phase: 'closed' });
    await read('memory://a');
    pool.renew = notUp;
    provider.set('a', 'second-value-of-a');
    const report = await rotation.rotate(['memory://a'], never);
    expect(report.servers).toMatchObject([{ name: 'one', outcome: 'kept', code: 'UPSTREAM_UNAVAILABLE' }]);
    expect(rotation.failing()).toEqual([]);
    expect([clock.pending, resolver.status().length]).toEqual([0, 1]);
  });

  it('is not tried again when the host stops, and nothing is heard of what the stop broke', async () => {
    const { clock, pool, closing, lines } = await failing();
    closing.abort();
    await clock.pass(10 * MINUTE);
    expect(pool.asked).toHaveLength(1);
    expect(clock.pending).toBe(0);
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
  });
});

describe('a rotation that is asked for', () => {
  it('says what has changed, what cannot be read, and what became of the servers', async () => {
    const { provider, pool, rotation, read } = setup();
    pool.put(specWith('one', 'memory://a'));
    pool.put(specWith('two', 'memory://b'));
    await read('memory://a', 'memory://b');
    expect(await rotation.rotate(['memory://a', 'memory://b'], never)).toEqual({
      changed: [],
      failed: [],
      servers: [],
    });
    provider.set('a', 'second-value-of-a');
    provider.fail('b', 'ACCESS_DENIED');
    expect(await rotation.rotate(['memory://a', 'memory://b'], never)).toMatchObject({
      changed: ['memory://a'],
      failed: [
        {
          reference: 'memory://b',
          code: 'SECRET_ACCESS_DENIED',
          problem: expect.stringContaining('memory://b is denied') as string,
        },
      ],
      servers: [{ name: 'one', outcome: 'restarted' }],
    });
    expect(pool.asked).toEqual(['one']);
  });

  it('tries a server at once that failed before', async () => {
    const { provider, pool, rotation, read, clock } = setup();
    pool.put(specWith('one', 'memory://a'));
    await read('memory://a');
    pool.renew = notUp;
    provider.set('a', 'second-value-of-a');
    expect((await rotation.rotate(['memory://a'], never)).servers).toMatchObject([{ outcome: 'kept' }]);
    pool.renew = () => Promise.resolve('renewed');
    expect((await rotation.rotate(['memory://a'], never)).servers).toEqual([{ name: 'one', outcome: 'renewed' }]);
    expect(rotation.failing()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('ends with its signal; what it began goes on', async () => {
    const { provider, pool, rotation, read } = setup();
    pool.put(specWith('one', 'memory://a'));
    await read('memory://a');
    const held = Promise.withResolvers<'restarted'>();
    pool.renew = () => held.promise;
    provider.set('a', 'second-value-of-a');
    const leaving = new AbortController();
    const rotating = rotation.rotate(['memory://a'], leaving.signal);
    await expect.poll(() => pool.asked).toEqual(['one']);
    leaving.abort(new Error('gone'));
    await expect(rotating).rejects.toThrow('gone');
    held.resolve('restarted');
    await expect.poll(() => rotation.counts().restarted).toBe(1);
  });
});
