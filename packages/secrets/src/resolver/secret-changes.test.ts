import { inspect } from 'node:util';
import type { Logger } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { DrivenClock, settle } from '../../test/driven-clock.ts';
import { createEnvProvider } from '../providers/env.ts';
import { createFileProvider } from '../providers/file.ts';
import { createMemoryProvider } from '../providers/memory.ts';
import { createRedactor } from '../redactor/redactor.ts';
import { secretErrors } from '../secret-errors.ts';
import type { SecretProvider, SecretReading } from '../secret-provider.ts';
import { createSecretResolver } from './secret-resolver.ts';
import type { SecretResolverOptions } from './secret-resolver.ts';
import type { SecretChange } from './secret-status.ts';

const MINUTE = 60_000;
const { signal } = new AbortController();

function open(provider: SecretProvider, options: Partial<SecretResolverOptions> = {}) {
  const clock = new DrivenClock();
  const redactor = createRedactor();
  const resolver = createSecretResolver({
    providers: [provider],
    redactor,
    clock,
    fetch,
    wallClock: () => clock.now(),
    limits: { tries: 1 },
    ...options,
  });
  const changes: SecretChange[] = [];
  resolver.onChange((change) => changes.push(change));
  const text = async (reference: string) => (await resolver.resolve(reference, signal)).reveal();
  const codeOf = async (work: Promise<unknown>) =>
    work.then(
      () => 'ok',
      (error: { code?: string }) => error.code,
    );
  return { clock, redactor, resolver, changes, text, codeOf };
}

/** A provider that counts and can be held. */
function heldProvider() {
  const held: { answer: (value: string) => void }[] = [];
  const provider: SecretProvider = {
    scheme: 'held',
    async read() {
      const { promise, resolve } = Promise.withResolvers<SecretReading>();
      held.push({ answer: (value) => resolve({ value }) });
      return promise;
    },
  };
  return { provider, held };
}

describe('a refreshed secret', () => {
  it('is read again although it is fresh or pinned, and served from then on', async () => {
    const provider = createMemoryProvider({ token: { value: 'first-value', version: '1', pinned: true } });
    const { resolver, text } = open(provider);
    await text('memory://token');
    provider.set('token', { value: 'second-value', version: '2', pinned: true });
    expect(await text('memory://token')).toBe('first-value');
    const refreshed = await resolver.refresh('memory://token', signal);
    expect([refreshed.reveal(), refreshed.version, await text('memory://token')]).toEqual([
      'second-value',
      '2',
      'second-value',
    ]);
  });

  it.each(['UNAVAILABLE', 'NOT_FOUND', 'ACCESS_DENIED'] as const)(
    'keeps the good value when it is %s',
    async (name) => {
      const provider = createMemoryProvider({ token: 'good-value' });
      const { resolver, text, codeOf } = open(provider);
      await text('memory://token');
      provider.fail('token', name);
      expect(await codeOf(resolver.refresh('memory://token', signal))).toBe(`SECRET_${name}`);
      expect(await text('memory://token')).toBe('good-value');
      expect(resolver.status()).toMatchObject([{ stale: name === 'UNAVAILABLE', failure: { code: `SECRET_${name}` } }]);
    },
  );

  it('is not served longer because refreshing it failed', async () => {
    const provider = createMemoryProvider({ token: 'good-value' });
    const { clock, resolver, text, codeOf } = open(provider);
    await text('memory://token');
    provider.fail('token', 'UNAVAILABLE');
    await clock.advance(75 * MINUTE - 1);
    await codeOf(resolver.refresh('memory://token', signal));
    expect(await codeOf(text('memory://token'))).toBe('ok');
    await clock.advance(1);
    expect(await codeOf(resolver.refresh('memory://token', signal))).toBe('SECRET_UNAVAILABLE');
    expect(await codeOf(text('memory://token'))).toBe('SECRET_UNAVAILABLE');
    expect(resolver.status()).toMatchObject([{ stale: false, failure: { code: 'SECRET_UNAVAILABLE' } }]);
  });

  it('comes from a read that began after it was asked for, one for all who ask at once', async () => {
    const { provider, held } = heldProvider();
    const { resolver } = open(provider);
    const before = resolver.resolve('held://x', signal);
    await settle();
    const refreshes = ['#a', '#b', ''].map(async (key) => resolver.refresh(`held://x${key}`, signal));
    await settle();
    expect(held).toHaveLength(1);
    held[0]?.answer('{"a":"old-value-a","b":"old-value-b"}');
    await before;
    await settle();
    expect(held).toHaveLength(2);
    held[1]?.answer('{"a":"new-value-a","b":"new-value-b"}');
    const texts = (await Promise.all(refreshes)).map((secret) => secret.reveal());
    expect(texts.slice(0, 2)).toEqual(['new-value-a', 'new-value-b']);
    expect(held).toHaveLength(2);
  });

  it('fails for who asked, and not for who resolves it meanwhile', async () => {
    const { provider, held } = heldProvider();
    const { clock, resolver, codeOf } = open(provider);
    const first = resolver.resolve('held://x', signal);
    await settle();
    held[0]?.answer('good-value');
    await first;
    await clock.advance(15 * MINUTE);
    const refreshing = codeOf(resolver.refresh('held://x', signal));
    await settle();
    const resolving = resolver.resolve('held://x', signal);
    await clock.advance(5_000);
    expect([await refreshing, (await resolving).reveal(), held.length]).toEqual([
      'SECRET_UNAVAILABLE',
      'good-value',
      2,
    ]);
  });

  it('is not read by a resolver that was closed meanwhile', async () => {
    const { provider, held } = heldProvider();
    const { resolver, codeOf } = open(provider);
    const before = codeOf(resolver.resolve('held://x', signal));
    await settle();
    const refreshing = codeOf(resolver.refresh('held://x', signal));
    await resolver.close();
    expect([await before, await refreshing, held.length]).toEqual(['SECRET_UNAVAILABLE', 'SECRET_UNAVAILABLE', 1]);
  });

  it('can be left, which ends the read when nobody else waits', async () => {
    let aborted = false;
    const provider: SecretProvider = {
      scheme: 'slow',
      read: async (_, context) => {
        context.signal.addEventListener('abort', () => (aborted = true));
        return new Promise(() => undefined);
      },
    };
    const { resolver, clock } = open(provider);
    const controller = new AbortController();
    const leaving = resolver.refresh('slow://x', controller.signal);
    await settle();
    controller.abort();
    await expect(leaving).rejects.toThrow('aborted');
    await settle();
    expect([aborted, clock.pending, resolver.status()[0]?.failure]).toEqual([true, [], undefined]);
    await resolver.close();
    await expect(resolver.refresh('slow://x', signal)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
  });
});

it('60 references to 20 secrets are 20 reads, 8 at a time', async () => {
  const { provider, held } = heldProvider();
  const { resolver } = open(provider);
  const references = Array.from({ length: 60 }, (_, index) => `held://s${index % 20}#${'abc'[index % 3]}`);
  const resolving = Promise.all(references.map(async (reference) => resolver.resolve(reference, signal)));
  for (let answered = 0; answered < 20; answered += 1) {
    await settle();
    expect(held.length - answered).toBeLessThanOrEqual(8);
    held[answered]?.answer('{"a":"value-of-a","b":"value-of-b","c":"value-of-c"}');
  }
  expect((await resolving).map((secret) => secret.reveal().at(-1))).toEqual(
    references.map((reference) => reference.at(-1)),
  );
  expect(held).toHaveLength(20);
});

describe('a change', () => {
  it('is told for the references whose own value is another one, and for no other key', async () => {
    const provider = createMemoryProvider({ db: { value: '{"user":"same-user","password":"old-password"}' } });
    const { resolver, changes, text } = open(provider);
    for (const key of ['#user', '#password', '']) await text(`memory://db${key}`);
    provider.set('db', { value: '{"user":"same-user","password":"new-password"}', version: '2' });
    await resolver.refresh('memory://db#user', signal);
    expect(changes).toEqual([
      { reference: 'memory://db#password', version: '2', previous: 'other' },
      { reference: 'memory://db', version: '2', previous: 'other' },
    ]);
    await resolver.refresh('memory://db#password', signal);
    expect(changes).toHaveLength(2);
  });

  it('is told after expire and resolve, with the new value in the redactor and the old one in no cache', async () => {
    const provider = createMemoryProvider({ token: 'old-token-value' });
    const { resolver, changes, text, redactor } = open(provider);
    await text('memory://token');
    const known: boolean[] = [];
    resolver.onChange(() => known.push(redactor.has('new-token-value')));
    provider.set('token', 'new-token-value');
    resolver.expire('memory://token');
    await text('memory://token');
    expect(changes).toEqual([{ reference: 'memory://token', previous: 'other' }]);
    expect(known).toEqual([true]);
    expect(redactor.redact('old-token-value')).toBe('[secret]');
    expect(inspect(resolver, { depth: 20, showHidden: true })).not.toContain('old-token-value');
  });

  it('is none while an old value bridges an outage', async () => {
    const provider = createMemoryProvider({ token: 'same-value' });
    const { clock, resolver, changes, text } = open(provider);
    await text('memory://token');
    provider.fail('token', 'UNAVAILABLE');
    await clock.advance(20 * MINUTE);
    await text('memory://token');
    expect(resolver.status()).toMatchObject([{ stale: true, failure: { code: 'SECRET_UNAVAILABLE' } }]);
    provider.set('token', 'same-value');
    await resolver.refresh('memory://token', signal);
    expect(changes).toEqual([]);
    expect(resolver.status()).toMatchObject([{ stale: false }]);
    expect(resolver.status()[0]?.failure).toBeUndefined();
  });

  it.each([
    ['the first value', undefined, 'now-it-is-there', 'none'],
    ['the same value', 'now-it-is-there', 'now-it-is-there', 'none'],
    ['another value', 'the-former-value', 'now-it-is-there', 'other'],
  ])('is %s after nobody could have it', async (_, before, after, previous) => {
    const provider = createMemoryProvider(before === undefined ? {} : { token: before });
    const { clock, resolver, changes, codeOf } = open(provider);
    await codeOf(resolver.resolve('memory://token', signal));
    provider.fail('token', 'NOT_FOUND');
    await clock.advance(15 * MINUTE);
    expect(await codeOf(resolver.resolve('memory://token', signal))).toBe('SECRET_NOT_FOUND');
    provider.set('token', after);
    await resolver.refresh('memory://token', signal);
    expect(changes).toEqual([{ reference: 'memory://token', previous }]);
  });

  it('is a key that appears', async () => {
    const provider = createMemoryProvider({ db: '{"a":"value-of-a"}' });
    const { resolver, changes, codeOf } = open(provider);
    expect(await codeOf(resolver.resolve('memory://db#b', signal))).toBe('SECRET_NOT_FOUND');
    expect(resolver.status()).toMatchObject([{ reference: 'memory://db#b', failure: { code: 'SECRET_NOT_FOUND' } }]);
    provider.set('db', '{"a":"value-of-a","b":"value-of-b"}');
    await resolver.refresh('memory://db#b', signal);
    expect(changes).toEqual([{ reference: 'memory://db#b', previous: 'none' }]);
  });

  it('is none for a reference that was asked for later', async () => {
    const provider = createMemoryProvider({ db: '{"a":"value-of-a","b":"value-of-b"}' });
    const { resolver, changes, text } = open(provider);
    await text('memory://db#a');
    await text('memory://db#b');
    await resolver.refresh('memory://db#a', signal);
    expect(changes).toEqual([]);
    provider.set('db', '{"a":"value-of-a","b":"other-value-of-b"}');
    await resolver.refresh('memory://db#a', signal);
    expect(changes).toEqual([{ reference: 'memory://db#b', previous: 'other' }]);
  });

  it('reaches the other listeners when one throws, and none that has left', async () => {
    const provider = createMemoryProvider({ token: 'old-token-value' });
    const errors: unknown[] = [];
    const logger = { error: (fields: object) => void errors.push(fields) } as unknown as Logger;
    const { resolver, changes, text } = open(provider, { logger });
    const left: unknown[] = [];
    resolver.onChange((change) => left.push(change))();
    resolver.onChange(() => {
      throw new Error('broken listener');
    });
    const last: unknown[] = [];
    resolver.onChange((change) => last.push(change));
    await text('memory://token');
    provider.set('token', 'new-token-value');
    expect((await resolver.refresh('memory://token', signal)).reveal()).toBe('new-token-value');
    expect([changes.length, last.length, left.length, errors.length]).toEqual([1, 1, 0, 1]);
  });
});

describe('the status', () => {
  it('says how each reference is, without a value', async () => {
    const provider = createMemoryProvider({
      pinned: { value: 'pinned-value-1f', version: '7', pinned: true },
      pin: '1234',
    });
    const { clock, resolver, codeOf } = open(provider);
    for (const path of ['pinned', 'pin', 'none']) await codeOf(resolver.resolve(`memory://${path}`, signal));
    const readAt = new Date(clock.now());
    await clock.advance(MINUTE);
    provider.set('pin', '5678');
    await resolver.refresh('memory://pin', signal);
    const later = new Date(clock.now());
    expect(resolver.status()).toEqual([
      { reference: 'memory://pinned', scheme: 'memory', version: '7', pinned: true, weak: false, readAt, stale: false },
      {
        reference: 'memory://pin',
        scheme: 'memory',
        pinned: false,
        weak: true,
        readAt: later,
        changedAt: later,
        stale: false,
      },
      {
        reference: 'memory://none',
        scheme: 'memory',
        pinned: false,
        weak: false,
        stale: false,
        failure: { code: 'SECRET_NOT_FOUND', message: 'Secret memory://none does not exist.', since: readAt },
      },
    ]);
    expect(inspect(resolver.status(), { depth: 9 })).not.toContain('pinned-value');
  });

  it('names the beginning of an outage, and forgets the oldest references', async () => {
    const provider = createMemoryProvider({ a: 'value-of-a', b: 'value-of-b', c: 'value-of-c' });
    const { clock, resolver, text, codeOf } = open(provider, { limits: { tries: 1, cachedReadings: 2 } });
    for (const path of ['a', 'b', 'c']) await text(`memory://${path}`);
    expect(resolver.status().map(({ reference }) => reference)).toEqual(['memory://b', 'memory://c']);
    provider.fail('c', 'UNAVAILABLE');
    await codeOf(resolver.refresh('memory://c', signal));
    const since = new Date(clock.now());
    await clock.advance(MINUTE);
    await codeOf(resolver.refresh('memory://c', signal));
    expect(resolver.status()[1]).toMatchObject({ failure: { since } });
  });

  it('is warned of once per outage', async () => {
    const provider = createMemoryProvider({ token: 'good-value' });
    const warnings: unknown[] = [];
    const logger = { warn: (fields: object) => void warnings.push(fields) } as unknown as Logger;
    const { clock, text } = open(provider, { logger });
    await text('memory://token');
    for (let outage = 1; outage <= 2; outage += 1) {
      provider.fail('token', 'UNAVAILABLE');
      for (let index = 0; index < 3; index += 1) {
        await clock.advance(16 * MINUTE);
        await text('memory://token');
      }
      expect(warnings).toHaveLength(outage);
      provider.set('token', 'good-value');
      await clock.advance(MINUTE);
      await text('memory://token');
    }
  });
});

describe('an error', () => {
  it.each([
    [secretErrors.ACCESS_DENIED(), 'Access to secret memory://x is denied: grant this host read access to it.'],
    [
      secretErrors.ACCESS_DENIED({ details: { problem: 'grant it vault.read on team.' } }),
      'Access to secret memory://x is denied: grant it vault.read on team.',
    ],
    [secretErrors.DISABLED(), 'Secret memory://x exists but is disabled.'],
    [secretErrors.DISABLED({ details: { problem: 'is destroyed' } }), 'Secret memory://x exists but is destroyed.'],
    [
      secretErrors.UNAVAILABLE({ details: { problem: 'its checksum is wrong' } }),
      'Secret memory://x cannot be read at the moment: its checksum is wrong.',
    ],
    [
      new DOMException('late', 'TimeoutError'),
      'Secret memory://x cannot be read at the moment: its backend did not answer in time.',
    ],
  ])('says what its thrower knows: %s', async (thrown, message) => {
    const provider: SecretProvider = { scheme: 'memory', read: async () => Promise.reject(thrown) };
    await expect(open(provider).resolver.resolve('memory://x', signal)).rejects.toMatchObject({ message });
  });

  it('DISABLED is final: not tried again', async () => {
    let reads = 0;
    const read = async () => {
      reads += 1;
      throw secretErrors.DISABLED();
    };
    const { resolver, codeOf } = open({ scheme: 'memory', read }, { limits: {} });
    expect([await codeOf(resolver.resolve('memory://x', signal)), reads]).toEqual(['SECRET_DISABLED', 1]);
  });
});

describe('the problem of a reference', () => {
  const providers = [createEnvProvider({}), createFileProvider('/'), createMemoryProvider({})];
  const { resolver } = open(createEnvProvider({}), { providers });

  it.each(['env://API_TOKEN', 'env://A#b.c', 'file:///run/x', 'file://./x#KEY', 'memory://any thing'])(
    '%s has none',
    (reference) => expect(resolver.problemOf(reference)).toBeUndefined(),
  );

  it.each([
    ['plain text', 'write scheme://path'],
    ['env://A-B', 'name a variable'],
    ['env://1A#b', 'name a variable'],
    ['file://run/x', 'write file:///absolute/path'],
    ['env://A#', 'name a key after #'],
    ['gcp://p/n', 'No secret provider serves gcp://'],
  ])('%s: %s', (reference, problem) => expect(resolver.problemOf(reference)).toContain(problem));

  it('refuses it before a provider is asked', async () => {
    let reads = 0;
    const provider: SecretProvider = {
      scheme: 'own',
      problemOf: (ref) => (ref.path === 'bad' ? 'write own://good.' : undefined),
      read: async () => ({ value: `value-number-${(reads += 1)}` }),
    };
    const own = open(provider).resolver;
    await expect(own.resolve('own://bad', signal)).rejects.toMatchObject({
      code: 'SECRET_REFERENCE_INVALID',
      message: 'The secret reference own://bad is invalid: write own://good.',
    });
    expect([reads, own.status()]).toEqual([0, []]);
  });
});
