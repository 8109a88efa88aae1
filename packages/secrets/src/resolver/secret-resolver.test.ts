import { inspect } from 'node:util';
import { HostlerError } from '@hostler/kernel';
import type { Logger } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { DrivenClock, settle } from '../../test/driven-clock.ts';
import { createEnvProvider } from '../providers/env.ts';
import { createMemoryProvider } from '../providers/memory.ts';
import { createRedactor } from '../redactor/redactor.ts';
import { secretErrors } from '../secret-errors.ts';
import type { SecretProvider, SecretReading } from '../secret-provider.ts';
import { DEFAULT_SECRET_LIMITS } from './limits.ts';
import { createSecretResolver } from './secret-resolver.ts';
import type { SecretResolverOptions } from './secret-resolver.ts';

const MINUTE = 60_000;
const { signal } = new AbortController();

/** A provider whose every read is answered by the test. */
function manualProvider(scheme = 'manual') {
  const reads: {
    path: string;
    signal: AbortSignal;
    answer: (value: string) => void;
    fail: (error: unknown) => void;
  }[] = [];
  const provider: SecretProvider = {
    scheme,
    async read(ref, context) {
      const { promise, resolve, reject } = Promise.withResolvers<SecretReading>();
      reads.push({ path: ref.path, signal: context.signal, answer: (value) => resolve({ value }), fail: reject });
      return promise;
    },
  };
  return { provider, reads };
}

/** A provider that answers by a function and counts. */
function countingProvider(answer: (count: number) => SecretReading) {
  const counted = { reads: 0 };
  const provider: SecretProvider = {
    scheme: 'count',
    async read() {
      counted.reads += 1;
      return answer(counted.reads);
    },
  };
  return { provider, counted };
}

function open(provider: SecretProvider, options: Partial<SecretResolverOptions> = {}) {
  const clock = new DrivenClock();
  const redactor = createRedactor();
  const random = () => 0.5;
  const resolver = createSecretResolver({ providers: [provider], redactor, clock, fetch, random, ...options });
  return { clock, redactor, resolver };
}

describe('a resolved secret', () => {
  it('is known to the redactor before the caller has it', async () => {
    const { resolver, redactor } = open(createMemoryProvider({ token: { value: 'the-token-value', version: '7' } }));
    const secret = await resolver.resolve('memory://token', signal);
    expect([secret.reveal(), secret.reference, secret.version]).toEqual(['the-token-value', 'memory://token', '7']);
    expect(redactor.redact('the-token-value')).toBe('[secret]');
  });

  it('is selected from JSON by its key, with one read for all keys', async () => {
    const value = JSON.stringify({ user: 'the-user-name', db: { password: 'the-password' } });
    const { provider, counted } = countingProvider(() => ({ value, version: '2' }));
    const { resolver, redactor } = open(provider);
    const secrets = await Promise.all(
      ['user', 'db.password'].map(async (key) => resolver.resolve(`count://x#${key}`, signal)),
    );
    expect(secrets.map((secret) => secret.reveal())).toEqual(['the-user-name', 'the-password']);
    expect(secrets.map((secret) => secret.version)).toEqual(['2', '2']);
    expect(redactor.redact('the-password')).toBe('[secret]');
    expect(counted.reads).toBe(1);
  });

  it('keeps its key for a provider that selects keys itself', async () => {
    const provider: SecretProvider = {
      scheme: 'own',
      selectsKeys: true,
      read: async (ref) => ({ value: `got ${ref.key}` }),
    };
    expect((await open(provider).resolver.resolve('own://x#a', signal)).reveal()).toBe('got a');
  });

  it('is weak when it is too short to be masked', async () => {
    const { resolver, redactor } = open(createMemoryProvider({ pin: '1234', token: 'long-enough' }));
    expect((await resolver.resolve('memory://pin', signal)).weak).toBe(true);
    expect((await resolver.resolve('memory://token', signal)).weak).toBe(false);
    expect(redactor.redact('1234')).toBe('1234');
  });

  it('comes through the fetch that was passed in', async () => {
    const given: typeof fetch = async () => new Response('fetched-value');
    const provider: SecretProvider = {
      scheme: 'web',
      read: async (_, context) => ({ value: await (await context.fetch('https://example.invalid')).text() }),
    };
    expect((await open(provider, { fetch: given }).resolver.resolve('web://x', signal)).reveal()).toBe('fetched-value');
  });
});

describe('callers at the same time', () => {
  it('share one read', async () => {
    const { provider, reads } = manualProvider();
    const { resolver } = open(provider);
    const waiting = Array.from({ length: 5 }, async () => resolver.resolve('manual://a', signal));
    await settle();
    expect(reads).toHaveLength(1);
    reads[0]?.answer('one-value');
    expect((await Promise.all(waiting)).map((secret) => secret.reveal())).toEqual(Array(5).fill('one-value'));
  });

  it('may leave without ending the read of the others', async () => {
    const { provider, reads } = manualProvider();
    const { resolver } = open(provider);
    const first = new AbortController();
    const leaving = resolver.resolve('manual://a', first.signal);
    const staying = resolver.resolve('manual://a', signal);
    await settle();
    const reason = new Error('client gone');
    first.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    const joining = resolver.resolve('manual://a', signal);
    await settle();
    expect(reads.map((read) => read.signal.aborted)).toEqual([false]);
    reads[0]?.answer('one-value');
    expect((await Promise.all([staying, joining])).map((secret) => secret.reveal())).toEqual([
      'one-value',
      'one-value',
    ]);
  });

  it('end the read when the last has left, and a new caller starts another', async () => {
    const { provider, reads } = manualProvider();
    const { resolver } = open(provider);
    const controller = new AbortController();
    const leaving = [1, 2].map(async () => resolver.resolve('manual://a', controller.signal));
    await settle();
    controller.abort();
    await Promise.allSettled(leaving);
    const joining = resolver.resolve('manual://a', signal);
    await settle();
    expect(reads.map((read) => read.signal.aborted)).toEqual([true, false]);
    reads[1]?.answer('next-value');
    expect((await joining).reveal()).toBe('next-value');
  });

  it('do not start a read when the signal is aborted already', async () => {
    const { provider, reads } = manualProvider();
    await expect(open(provider).resolver.resolve('manual://a', AbortSignal.abort())).rejects.toThrow('aborted');
    expect(reads).toHaveLength(0);
  });

  it('have 8 reads running, the others in order', async () => {
    const { provider, reads } = manualProvider();
    const { resolver } = open(provider);
    const waiting = Array.from({ length: 12 }, async (_, index) => resolver.resolve(`manual://${index}`, signal));
    await settle();
    expect(reads).toHaveLength(8);
    reads[3]?.answer('value-3');
    await settle();
    expect(reads.map((read) => read.path).slice(8)).toEqual(['8']);
    for (let index = 0; index < 12; index += 1) {
      reads[index]?.answer(`value-${index}`);
      await settle();
    }
    expect((await Promise.all(waiting)).map((secret) => secret.reveal())).toEqual(
      Array.from({ length: 12 }, (_, index) => `value-${index}`),
    );
  });

  it('do not hold up reads of another provider', async () => {
    const { provider, reads } = manualProvider();
    const { resolver } = open(provider, { providers: [provider, createMemoryProvider({ a: 'other-value' })] });
    const waiting = Array.from({ length: 9 }, async (_, index) => resolver.resolve(`manual://${index}`, signal));
    expect((await resolver.resolve('memory://a', signal)).reveal()).toBe('other-value');
    for (let index = 0; index < 9; index += 1) {
      reads[index]?.answer('some-value');
      await settle();
    }
    await Promise.all(waiting);
  });

  it('are refused beyond the bound of the queue', async () => {
    const { provider, reads } = manualProvider();
    const { resolver } = open(provider, { limits: { concurrentReads: 1, queuedReads: 1, tries: 1 } });
    const waiting = ['a', 'b'].map(async (path) => resolver.resolve(`manual://${path}`, signal));
    await expect(resolver.resolve('manual://c', signal)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
    reads[0]?.answer('value-a!');
    await settle();
    reads[1]?.answer('value-b!');
    await Promise.all(waiting);
  });

  it('give up their place in the queue when they leave', async () => {
    const { provider, reads } = manualProvider();
    const { resolver } = open(provider, { limits: { concurrentReads: 1 } });
    const controller = new AbortController();
    const first = resolver.resolve('manual://a', signal);
    const leaving = resolver.resolve('manual://b', controller.signal);
    const last = resolver.resolve('manual://c', signal);
    await settle();
    controller.abort();
    await expect(leaving).rejects.toThrow('aborted');
    reads[0]?.answer('value-a!');
    await settle();
    expect(reads.map((read) => read.path)).toEqual(['a', 'c']);
    reads[1]?.answer('value-c!');
    await Promise.all([first, last]);
  });
});

describe('a provider that is unavailable', () => {
  it('is tried three times, after random waits that double', async () => {
    const { provider, counted } = countingProvider((count) => {
      if (count < 3) throw secretErrors.UNAVAILABLE();
      return { value: 'third-time' };
    });
    const { resolver, clock } = open(provider);
    const resolving = resolver.resolve('count://x', signal);
    await settle();
    expect([counted.reads, clock.pending[0]]).toEqual([1, 100]);
    await clock.advance(100);
    expect([counted.reads, clock.pending[0]]).toEqual([2, 200]);
    await clock.advance(199);
    expect(counted.reads).toBe(2);
    await clock.advance(1);
    expect((await resolving).reveal()).toBe('third-time');
  });

  it('is given up after the third try', async () => {
    const { provider, counted } = countingProvider(() => {
      throw secretErrors.UNAVAILABLE();
    });
    const { resolver, clock } = open(provider);
    const failure = resolver.resolve('count://x', signal).catch(identity);
    await clock.advance(MINUTE);
    expect(await failure).toMatchObject({
      code: 'SECRET_UNAVAILABLE',
      message: 'Secret count://x cannot be read at the moment: its backend cannot be reached or does not work.',
    });
    expect(counted.reads).toBe(3);
  });

  it('is one that throws something foreign, whose text is in the cause only', async () => {
    const { provider } = countingProvider(() => {
      throw new TypeError('response body: hunter2');
    });
    const error = await open(provider, { limits: { tries: 1 } })
      .resolver.resolve('count://x', signal)
      .catch(identity);
    expect(error).toMatchObject({ code: 'SECRET_UNAVAILABLE', details: { reference: 'count://x' } });
    expect((error as Error).message).not.toContain('hunter2');
    expect((error as Error).cause).toBeInstanceOf(TypeError);
  });

  it('is one that does not answer within 5 seconds, whether it listens to the signal or not', async () => {
    const { provider, reads } = manualProvider();
    const { resolver, clock } = open(provider, { limits: { tries: 1 } });
    const failure = resolver.resolve('manual://a', signal).catch(identity);
    await clock.advance(4_999);
    expect(reads[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(reads[0]?.signal.aborted).toBe(true);
    expect(await failure).toMatchObject({ code: 'SECRET_UNAVAILABLE', cause: { name: 'TimeoutError' } });
    expect(clock.pending).toEqual([]);
  });

  it('does not keep a caller longer than 30 seconds, in the queue or out of it', async () => {
    const { provider, reads } = manualProvider();
    const { resolver, clock } = open(provider, { limits: { concurrentReads: 1, tries: 100 } });
    const failures = ['a', 'b'].map(async (path) => resolver.resolve(`manual://${path}`, signal).catch(identity));
    await clock.advance(30_000);
    expect(await Promise.all(failures)).toMatchObject([{ code: 'SECRET_UNAVAILABLE' }, { code: 'SECRET_UNAVAILABLE' }]);
    expect(reads.every((read) => read.signal.aborted)).toBe(true);
  });

  it('can be left during a wait', async () => {
    const { provider, counted } = countingProvider(() => {
      throw secretErrors.UNAVAILABLE();
    });
    const { resolver, clock } = open(provider);
    const controller = new AbortController();
    const resolving = resolver.resolve('count://x', controller.signal);
    await settle();
    controller.abort();
    await expect(resolving).rejects.toThrow('aborted');
    await settle();
    expect([counted.reads, clock.pending]).toEqual([1, []]);
  });
});

describe('a final failure', () => {
  it.each(['NOT_FOUND', 'ACCESS_DENIED'] as const)(
    '%s is not tried again, and remembered for 10 seconds',
    async (name) => {
      const { provider, counted } = countingProvider((count) => {
        if (count === 1) throw secretErrors[name]();
        return { value: 'now-it-is-there' };
      });
      const { resolver, clock } = open(provider);
      const failure = { code: `SECRET_${name}`, message: expect.stringContaining('count://x') };
      await expect(resolver.resolve('count://x', signal)).rejects.toMatchObject(failure);
      await clock.advance(9_999);
      await expect(resolver.resolve('count://x', signal)).rejects.toMatchObject(failure);
      expect(counted.reads).toBe(1);
      await clock.advance(1);
      expect((await resolver.resolve('count://x', signal)).reveal()).toBe('now-it-is-there');
    },
  );

  it.each([
    ['is empty', { value: '' }],
    ['is not text', { value: 42 }],
    ['holds a NUL', { value: 'hunter2\0hunter2' }],
    ['was not answered as { value }', undefined],
    ['has an expiry that is no date', { value: 'hunter2-hunter2', expiresAt: new Date(NaN) }],
  ])('is an answer that %s, and its error says so without showing it', async (problem, reading) => {
    const { provider, counted } = countingProvider(() => reading as SecretReading);
    const error = await open(provider).resolver.resolve('count://x', signal).catch(identity);
    expect(error).toMatchObject({
      code: 'SECRET_VALUE_INVALID',
      message: expect.stringContaining(`count://x ${problem}`),
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2');
    expect(counted.reads).toBe(1);
  });

  it('is a reference that the provider does not accept, with what it asks for', async () => {
    const { resolver } = open(createEnvProvider({}));
    await expect(resolver.resolve('env://A-B', signal)).rejects.toMatchObject({
      code: 'SECRET_REFERENCE_INVALID',
      message: expect.stringMatching(/env:\/\/A-B is invalid: name a variable/),
    });
  });

  it('replaces a value that was good before', async () => {
    const provider = createMemoryProvider({ token: 'good-value' });
    const { resolver, clock } = open(provider, { limits: { tries: 1 } });
    await resolver.resolve('memory://token', signal);
    provider.fail('token', 'ACCESS_DENIED');
    await clock.advance(15 * MINUTE);
    await expect(resolver.resolve('memory://token', signal)).rejects.toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    provider.fail('token', 'UNAVAILABLE');
    await clock.advance(10_000);
    await expect(resolver.resolve('memory://token', signal)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
  });

  it('is a key that is not there, looked for again after 10 seconds', async () => {
    const provider = createMemoryProvider({ x: '{"a":"some-value"}' });
    const { resolver, clock } = open(provider);
    await expect(resolver.resolve('memory://x#b', signal)).rejects.toMatchObject({
      code: 'SECRET_NOT_FOUND',
      message: 'Secret memory://x#b does not exist.',
    });
    provider.set('x', '{"b":"added-value"}');
    await clock.advance(10_000);
    expect((await resolver.resolve('memory://x#b', signal)).reveal()).toBe('added-value');
  });

  it('is a key with an empty text', async () => {
    const { resolver } = open(createMemoryProvider({ x: '{"a":""}' }));
    await expect(resolver.resolve('memory://x#a', signal)).rejects.toMatchObject({
      code: 'SECRET_VALUE_INVALID',
      message: 'The value of secret memory://x#a is empty.',
    });
  });

  it('is an error of another package, passed on as it is', async () => {
    const kind = { http: 500, rpc: -32603, fault: 'bug', retryable: false, message: 'other' } as const;
    const other = new HostlerError('OTHER_ERROR', kind);
    const { provider } = countingProvider(() => {
      throw other;
    });
    await expect(open(provider).resolver.resolve('count://x', signal)).rejects.toBe(other);
  });
});

describe('a value that was read', () => {
  it('is served for 15 minutes, then read again', async () => {
    const { provider, counted } = countingProvider((count) => ({ value: `value-number-${count}` }));
    const { resolver, clock } = open(provider);
    const resolve = async () => (await resolver.resolve('count://x', signal)).reveal();
    expect(await resolve()).toBe('value-number-1');
    await clock.advance(15 * MINUTE - 1);
    expect(await resolve()).toBe('value-number-1');
    await clock.advance(1);
    expect(await resolve()).toBe('value-number-2');
    expect(counted.reads).toBe(2);
  });

  it('is served without end when its version is pinned', async () => {
    const { provider, counted } = countingProvider(() => ({ value: 'pinned-value', version: '7', pinned: true }));
    const { resolver, clock } = open(provider);
    await resolver.resolve('count://x', signal);
    await clock.advance(1e12);
    await resolver.resolve('count://x', signal);
    expect(counted.reads).toBe(1);
  });

  it('is not served after it expires, not even when the provider is unavailable', async () => {
    const { provider, counted } = countingProvider((count) => {
      if (count > 1) throw secretErrors.UNAVAILABLE();
      return { value: 'lease-value', expiresAt: new Date(5_000 + MINUTE) };
    });
    const { resolver, clock } = open(provider, { wallClock: () => 5_000, limits: { tries: 1 } });
    await resolver.resolve('count://x', signal);
    await clock.advance(MINUTE - 1);
    await resolver.resolve('count://x', signal);
    expect(counted.reads).toBe(1);
    await clock.advance(1);
    await expect(resolver.resolve('count://x', signal)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
  });

  it('is served for one more hour while the provider is unavailable, with a warning', async () => {
    const provider = createMemoryProvider({ token: 'good-value' });
    const warnings: unknown[] = [];
    const logger = { warn: (fields: object) => void warnings.push(fields) } as unknown as Logger;
    const { resolver, clock } = open(provider, { logger, limits: { tries: 1 } });
    await resolver.resolve('memory://token', signal);
    provider.fail('token', 'UNAVAILABLE');
    await clock.advance(75 * MINUTE - 1);
    expect((await resolver.resolve('memory://token', signal)).reveal()).toBe('good-value');
    expect(warnings).toMatchObject([{ reference: 'memory://token', error: { code: 'SECRET_UNAVAILABLE' } }]);
    await clock.advance(1);
    await expect(resolver.resolve('memory://token', signal)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
  });

  it('is served for 10 seconds before the unavailable provider is asked again', async () => {
    const { provider, counted } = countingProvider((count) => {
      if (count === 2) throw secretErrors.UNAVAILABLE();
      return { value: `value-number-${count}` };
    });
    const { resolver, clock } = open(provider, { limits: { tries: 1 } });
    const resolve = async () => (await resolver.resolve('count://x', signal)).reveal();
    await resolve();
    await clock.advance(15 * MINUTE);
    expect([await resolve(), await resolve(), counted.reads]).toEqual(['value-number-1', 'value-number-1', 2]);
    await clock.advance(10_000);
    expect(await resolve()).toBe('value-number-3');
  });

  it('is read again after expire, also when pinned', async () => {
    const { provider } = countingProvider((count) => ({ value: `value-number-${count}`, pinned: true }));
    const { resolver } = open(provider);
    const before = await resolver.resolve('count://x', signal);
    resolver.expire('count://x#key');
    const after = await resolver.resolve('count://x', signal);
    expect([after.reveal(), after.sameAs(before)]).toEqual(['value-number-2', false]);
  });

  it('is forgotten when there are too many, oldest first', async () => {
    const { provider, counted } = countingProvider(() => ({ value: 'some-value' }));
    const { resolver } = open(provider, { limits: { cachedReadings: 2 } });
    for (const path of ['a', 'b', 'c', 'c', 'b', 'a']) await resolver.resolve(`count://${path}`, signal);
    expect(counted.reads).toBe(4);
  });
});

describe('a resolver', () => {
  it('lists the schemes it knows when it does not know one, without the rest of the reference', async () => {
    const { resolver } = open(createMemoryProvider({}), {
      providers: [createMemoryProvider({}), createMemoryProvider({}, 'other')],
    });
    const error = await resolver.resolve('postgres://user:hunter2@db/x', signal).catch(identity);
    expect(error).toMatchObject({
      code: 'SECRET_PROVIDER_UNKNOWN',
      message: expect.stringContaining('memory://, other://'),
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });

  it.each([
    ['the same scheme twice', [createMemoryProvider({}), createMemoryProvider({})]],
    ['a scheme that no reference can name', [createMemoryProvider({}, 'No Scheme')]],
  ])('refuses providers with %s', (_, providers) => {
    expect(() => open(createMemoryProvider({}), { providers })).toThrow(
      expect.objectContaining({ code: 'SECRET_OPTIONS_INVALID' }),
    );
  });

  it('checks every provider', async () => {
    const read = async () => ({ value: 'unused-value' });
    const { clock, resolver } = open(createMemoryProvider({}), {
      providers: [
        createMemoryProvider({}),
        { scheme: 'good', read, check: async () => undefined },
        { scheme: 'denied', read, check: async () => Promise.reject(secretErrors.ACCESS_DENIED()) },
        {
          scheme: 'broken',
          read,
          check: () => {
            throw new Error('hunter2');
          },
        },
        { scheme: 'slow', read, check: async () => new Promise(() => undefined) },
      ],
    });
    const checking = resolver.check(signal);
    await clock.advance(5_000);
    const results = await checking;
    expect(results.map(({ scheme, error }) => [scheme, error?.code, error?.message.includes('hunter2')])).toEqual([
      ['memory', undefined, undefined],
      ['good', undefined, undefined],
      ['denied', 'SECRET_ACCESS_DENIED', false],
      ['broken', 'SECRET_UNAVAILABLE', false],
      ['slow', 'SECRET_UNAVAILABLE', false],
    ]);
    await expect(resolver.check(AbortSignal.abort())).rejects.toThrow('aborted');
  });

  it('ends its reads, forgets its values and closes its providers once when it is closed', async () => {
    const { provider, reads } = manualProvider();
    let closes = 0;
    const closing: SecretProvider = { ...provider, close: async () => void (closes += 1) };
    const { resolver, clock } = open(closing);
    const done = resolver.resolve('manual://done', signal);
    await settle();
    reads[0]?.answer('done-value');
    await done;
    const waiting = resolver.resolve('manual://waiting', signal);
    await settle();
    await Promise.all([resolver.close(), resolver.close()]);
    await resolver.close();
    await expect(waiting).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
    await expect(resolver.resolve('manual://done', signal)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
    expect([closes, reads[1]?.signal.aborted, clock.pending]).toEqual([1, true, []]);
  });

  it('closes all providers even if one cannot be closed, and says so', async () => {
    const closed: string[] = [];
    const read = async () => ({ value: 'unused-value' });
    const { resolver, clock } = open(createMemoryProvider({}), {
      providers: [
        { scheme: 'bad', read, close: async () => Promise.reject(new Error('stuck')) },
        { scheme: 'slow', read, close: async () => new Promise(() => undefined) },
        { scheme: 'good', read, close: async () => void closed.push('good') },
      ],
    });
    const closing = resolver.close().catch(identity);
    await clock.advance(5_000);
    expect(await closing).toMatchObject({ errors: [{ message: 'stuck' }, { name: 'TimeoutError' }] });
    expect(closed).toEqual(['good']);
  });

  it('does not show values when it is inspected', async () => {
    const provider = countingProvider(() => ({ value: 'canary-value-3f' })).provider;
    const { resolver } = open(provider);
    await resolver.resolve('count://x', signal);
    for (const customInspect of [true, false]) {
      expect(inspect(resolver, { showHidden: true, depth: 20, customInspect, getters: true })).not.toContain(
        'canary-value',
      );
    }
    expect(JSON.stringify(resolver)).not.toContain('canary-value');
  });

  it('has these limits', () => {
    expect(DEFAULT_SECRET_LIMITS).toEqual({
      concurrentReads: 8,
      queuedReads: 256,
      readTimeout: 5_000,
      totalTimeout: 30_000,
      tries: 3,
      backoff: 200,
      maxBackoff: 2_000,
      ttl: 900_000,
      maxStale: 3_600_000,
      negativeTtl: 10_000,
      cachedReadings: 10_000,
    });
  });
});

function identity(error: unknown): unknown {
  return error;
}
