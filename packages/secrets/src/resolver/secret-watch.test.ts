import type { Logger } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { DrivenClock } from '../../test/driven-clock.ts';
import { createMemoryProvider } from '../providers/memory.ts';
import { createRedactor } from '../redactor/redactor.ts';
import { secretErrors } from '../secret-errors.ts';
import type { SecretProvider, SecretReading } from '../secret-provider.ts';
import { createSecretResolver } from './secret-resolver.ts';
import type { SecretChange } from './secret-status.ts';
import { createSecretWatch } from './secret-watch.ts';

const MINUTE = 60_000;
const INTERVAL = 5 * MINUTE;
const { signal } = new AbortController();

/** Counts the reads of every path and remembers their times. */
function recording(provider: SecretProvider, clock: DrivenClock) {
  const reads: { path: string; at: number }[] = [];
  const recorded: SecretProvider = {
    ...provider,
    read: async (ref, context) => {
      reads.push({ path: ref.text, at: clock.now() });
      return provider.read(ref, context);
    },
  };
  return { recorded, reads };
}

async function watched(provider: SecretProvider, references: readonly string[], random = () => 0.5) {
  const clock = new DrivenClock();
  const { recorded, reads } = recording(provider, clock);
  const lines: string[] = [];
  const logger = {
    info: (_: object, text: string) => void lines.push(`info ${text}`),
    warn: (_: object, text: string) => void lines.push(`warn ${text}`),
  } as unknown as Logger;
  const changes: SecretChange[] = [];
  const resolver = createSecretResolver({
    providers: [recorded],
    redactor: createRedactor(),
    clock,
    fetch,
    wallClock: () => clock.now(),
    random: () => 0,
  });
  resolver.onChange((change) => changes.push(change));
  await Promise.allSettled(references.map(async (reference) => resolver.resolve(reference, signal)));
  await clock.advance(MINUTE / 2);
  await Promise.allSettled(references.map(async (reference) => resolver.resolve(reference, signal)));
  reads.length = 0;
  const watch = createSecretWatch({
    resolver,
    references: () => references,
    clock,
    interval: INTERVAL,
    random,
    log: logger,
  });
  return { clock, resolver, reads, changes, lines, watch };
}

const values = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, `value-number-${index}`]));
const paths = (count: number) => Array.from({ length: count }, (_, index) => `memory://s${index}`);

describe('a watch', () => {
  it('reads every reference once in an interval, spread over it', async () => {
    const { clock, reads, watch } = await watched(createMemoryProvider(values(10)), paths(10));
    watch.start();
    watch.start();
    const begin = clock.now();
    await clock.advance(INTERVAL);
    expect(reads.map(({ path }) => path)).toEqual(paths(10));
    expect(reads.map(({ at }) => at - begin)).toEqual(Array.from({ length: 10 }, (_, index) => (index + 1) * 30_000));
    await clock.advance(INTERVAL);
    expect(reads).toHaveLength(20);
    watch.stop();
  });

  it.each([
    [0, 0.9],
    [1, 1.1],
  ])('has a jitter of a tenth: random %d is %d of the interval', async (random, part) => {
    const { clock, reads, watch } = await watched(createMemoryProvider(values(1)), paths(1), () => random);
    watch.start();
    await clock.advance(INTERVAL * part - 1);
    expect(reads).toHaveLength(0);
    await clock.advance(2);
    expect(reads).toHaveLength(1);
    watch.stop();
  });

  it('tells of a new value within the interval, whichever one it is', async () => {
    const provider = createMemoryProvider(values(10));
    const { clock, changes, watch } = await watched(provider, paths(10));
    watch.start();
    await clock.advance(INTERVAL / 2);
    for (const index of [1, 8]) provider.set(`s${index}`, `other-value-${index}`);
    await clock.advance(INTERVAL);
    expect(changes.map(({ reference }) => reference).toSorted()).toEqual(['memory://s1', 'memory://s8']);
    watch.stop();
  });

  it('leaves pinned references alone, those that nobody has resolved, and those that are no longer used', async () => {
    const provider = createMemoryProvider({ ...values(2), fixed: { value: 'pinned-value', pinned: true } });
    const references = ['memory://s0', 'memory://fixed'];
    const { clock, reads, watch } = await watched(provider, references);
    references.push('memory://s1');
    watch.start();
    await clock.advance(INTERVAL);
    expect(reads.map(({ path }) => path)).toEqual(['memory://s0']);
    references.length = 0;
    await clock.advance(3 * INTERVAL);
    expect(reads).toHaveLength(1);
    watch.stop();
    expect(clock.pending).toEqual([]);
  });

  it('reads a secret once for all its keys', async () => {
    const provider = createMemoryProvider({ db: '{"a":"value-of-a","b":"value-of-b"}', s0: 'value-of-s0' });
    const references = ['memory://db#a', 'memory://db#b', 'memory://s0'];
    const { clock, reads, changes, watch } = await watched(provider, references);
    watch.start();
    await clock.advance(4 * INTERVAL);
    const count = (path: string) => reads.filter((read) => read.path === path).length;
    expect([count('memory://db'), count('memory://s0')]).toEqual([4, 4]);
    provider.set('db', '{"a":"value-of-a","b":"new-value-of-b"}');
    await clock.advance(INTERVAL);
    expect(changes).toEqual([{ reference: 'memory://db#b', previous: 'other' }]);
    watch.stop();
  });

  it('polls a failing backend on, with one line when the outage begins and one when it is over', async () => {
    const provider = createMemoryProvider(values(3));
    const { clock, reads, lines, changes, resolver, watch } = await watched(provider, paths(3));
    watch.start();
    for (const index of [0, 1, 2]) provider.fail(`s${index}`, 'UNAVAILABLE');
    await clock.advance(4 * INTERVAL);
    // Three tries each time, as the resolver's bounds say.
    expect(reads.length).toBeGreaterThanOrEqual(3 * 3 * 3);
    expect(lines).toEqual(['warn secrets cannot be read again: the values that are known are served on']);
    expect(resolver.status().every(({ stale }) => stale)).toBe(true);
    provider.set('s0', 'value-number-0');
    await clock.advance(INTERVAL + MINUTE);
    expect(lines).toHaveLength(1);
    for (const index of [1, 2]) provider.set(`s${index}`, `value-number-${index}`);
    await clock.advance(INTERVAL + MINUTE);
    expect(lines.slice(1)).toEqual(['info secrets can be read again']);
    expect(changes).toEqual([]);
    watch.stop();
  });

  it('finds a secret that was missing', async () => {
    const provider = createMemoryProvider({});
    const { clock, changes, watch } = await watched(provider, ['memory://s0']);
    watch.start();
    await clock.advance(INTERVAL);
    provider.set('s0', 'now-it-is-there');
    await clock.advance(INTERVAL);
    expect(changes).toEqual([{ reference: 'memory://s0', previous: 'none' }]);
    watch.stop();
  });

  it('has at most 4 reads of a hanging scheme running, and ends them when it is stopped', async () => {
    let hang = false;
    const running = new Set<AbortSignal>();
    let most = 0;
    const provider: SecretProvider = {
      scheme: 'memory',
      async read(_, context) {
        if (!hang) return { value: 'value-before' };
        running.add(context.signal);
        context.signal.addEventListener('abort', () => running.delete(context.signal));
        most = Math.max(most, running.size);
        return new Promise<SecretReading>(() => undefined);
      },
    };
    const { clock, watch } = await watched(provider, paths(200));
    hang = true;
    watch.start();
    await clock.advance(INTERVAL);
    expect(most).toBe(4);
    expect(running.size).toBeGreaterThan(0);
    watch.stop();
    watch.stop();
    await clock.advance(0);
    expect([running.size, clock.pending]).toEqual([0, []]);
  });

  it('does not ask again for a reference that it still waits for', async () => {
    const clock = new DrivenClock();
    const asked: string[] = [];
    const resolver = {
      refresh: async (reference: string) => {
        asked.push(reference);
        return new Promise<never>(() => undefined);
      },
      status: () => [{ reference: 'a://b', scheme: 'a', pinned: false, weak: false, stale: false }],
    };
    const log = {} as Logger;
    const watch = createSecretWatch({ resolver, references: () => ['a://b'], clock, interval: 1_000, log });
    watch.start();
    await clock.advance(10_000);
    expect(asked).toEqual(['a://b']);
    watch.stop();
  });

  it('never reads when its interval is 0', async () => {
    const { clock, resolver } = await watched(createMemoryProvider(values(1)), paths(1));
    const log = { warn: () => undefined, info: () => undefined } as unknown as Logger;
    createSecretWatch({ resolver, references: () => paths(1), clock, interval: 0, log }).start();
    expect(clock.pending).toEqual([]);
  });

  it('goes on after stop and start, and says nothing of reads that it ended itself', async () => {
    const provider = createMemoryProvider(values(1));
    const { clock, reads, lines, watch } = await watched(provider, paths(1));
    watch.start();
    watch.stop();
    await clock.advance(3 * INTERVAL);
    expect(reads).toEqual([]);
    watch.start();
    await clock.advance(INTERVAL);
    expect([reads.length, lines]).toEqual([1, []]);
    watch.stop();
  });

  it('does not take one failing key for the end of an outage of another kind', async () => {
    const provider: SecretProvider = createMemoryProvider(values(1));
    const failures = [secretErrors.UNAVAILABLE(), secretErrors.ACCESS_DENIED()];
    let failing = false;
    const { clock, lines, watch } = await watched(
      {
        ...provider,
        read: async (ref, context) => (failing ? Promise.reject(failures[0]) : provider.read(ref, context)),
      },
      paths(1),
    );
    watch.start();
    failing = true;
    await clock.advance(INTERVAL + MINUTE);
    failures.shift();
    await clock.advance(INTERVAL + MINUTE);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['warn', 'info', 'warn']);
    watch.stop();
  });
});
