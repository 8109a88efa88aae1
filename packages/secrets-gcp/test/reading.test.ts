import { inspect } from 'node:util';
import type { SecretProvider } from '@hostler/secrets';
import { createRedactor, createSecretResolver } from '@hostler/secrets';
import { DrivenClock, startGcpSecretManager } from '@hostler/test-kit';
import type { GcpFault, GcpSecretManager } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectTo, readFrom, refuseFetch, TRANSPORTS } from './backend.ts';

const CANARY = 'canary-5f0c1e7a9b';
const IN_ITS_FORMS = [CANARY, Buffer.from(CANARY).toString('base64'), Buffer.from(CANARY).toString('hex')];
const signal = new AbortController().signal;

describe.each(TRANSPORTS)('Secret Manager over %s', (transport) => {
  let backend: GcpSecretManager;
  let provider: SecretProvider;

  beforeEach(async () => {
    backend = await startGcpSecretManager();
    provider = await connectTo(backend, transport);
  });
  afterEach(async () => {
    await provider.close?.();
    await backend[Symbol.asyncDispose]();
  });

  const read = (reference: string, until?: AbortSignal) => readFrom(provider, reference, until);
  const failureOf = async (reference: string): Promise<unknown> => {
    const [result] = await Promise.allSettled([read(reference)]);
    if (result.status === 'fulfilled') return expect.unreachable('the read succeeded');
    const shown = inspect(result.reason, { depth: 9, showHidden: true });
    for (const form of IN_ITS_FORMS) expect(shown).not.toContain(form);
    return result.reason;
  };
  const resolver = () =>
    createSecretResolver({
      providers: [provider],
      redactor: createRedactor(),
      clock: new DrivenClock(),
      fetch: refuseFetch,
    });

  it('gives the latest version, a numbered one that is pinned, and one by its alias', async () => {
    backend.set('token', 'first-value');
    backend.set('token', 'second-value');
    backend.alias('token', 'live', 1);
    expect(await read('gcp://token')).toEqual({ value: 'second-value', version: '2' });
    expect(await read('gcp://token/versions/latest')).toEqual({ value: 'second-value', version: '2' });
    expect(await read('gcp://token/versions/1')).toEqual({ value: 'first-value', version: '1', pinned: true });
    expect(await read('gcp://token/versions/live')).toEqual({ value: 'first-value', version: '1' });
  });

  it('is asked for the whole name, whatever the form of the reference', async () => {
    backend.set('projects/other-project/secrets/token', 'of-a-project');
    backend.set('projects/other-project/locations/europe-west4/secrets/token', 'of-a-region');
    expect((await read('gcp://other-project/token')).value).toBe('of-a-project');
    expect((await read('gcp://projects/other-project/secrets/token')).value).toBe('of-a-project');
    const regional = 'projects/other-project/locations/europe-west4/secrets/token';
    expect((await read(`gcp://${regional}/versions/1`)).value).toBe('of-a-region');
    expect(backend.reads.map(({ name }) => name)).toEqual([
      'projects/other-project/secrets/token/versions/latest',
      'projects/other-project/secrets/token/versions/latest',
      `${regional}/versions/1`,
    ]);
    expect(backend.reads.map((each) => each.transport)).toEqual(Array(3).fill(transport));
  });

  it('gives 64 KiB, several lines and every character as they are', async () => {
    backend.set('large', 'ä'.repeat(32 * 1024));
    backend.set('lines', '\uFEFF-----BEGIN KEY-----\r\nabc\n-----END KEY-----\n');
    expect((await read('gcp://large')).value).toBe('ä'.repeat(32 * 1024));
    expect((await read('gcp://lines')).value).toBe('\uFEFF-----BEGIN KEY-----\r\nabc\n-----END KEY-----\n');
  });

  it.each<[string, string | Uint8Array, string]>([
    ['more than 64 KiB', 'x'.repeat(64 * 1024 + 1), 'is larger than 64 KiB.'],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00, 0x80), 'is not UTF-8 text.'],
  ])('refuses %s', async (_, value, problem) => {
    backend.set('token', value);
    expect(await failureOf('gcp://token')).toMatchObject({ code: 'SECRET_VALUE_INVALID', details: { problem } });
  });

  it('says that a secret or a version does not exist', async () => {
    backend.set('token', CANARY);
    expect(await failureOf('gcp://nothing')).toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(await failureOf('gcp://token/versions/9')).toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(await failureOf('gcp://token/versions/no-such-alias')).toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });

  it('tells a disabled version from a destroyed one', async () => {
    for (let version = 1; version <= 3; version += 1) backend.set('token', CANARY);
    backend.disable('token', 1);
    backend.destroy('token', 2);
    const problems = await Promise.all([1, 2].map((version) => failureOf(`gcp://token/versions/${version}`)));
    expect(problems).toMatchObject([
      { code: 'SECRET_DISABLED', details: { problem: 'is disabled' } },
      { code: 'SECRET_DISABLED', details: { problem: 'is destroyed' } },
    ]);
    expect((await read('gcp://token/versions/3')).value).toBe(CANARY);
  });

  it.each<[GcpFault, string, RegExp]>([
    [
      'denied',
      'SECRET_ACCESS_DENIED',
      /^grant roles\/secretmanager\.secretAccessor on projects\/test-project\/secrets\/token to the identity/,
    ],
    [
      'api-disabled',
      'SECRET_ACCESS_DENIED',
      /^enable the API secretmanager\.googleapis\.com in project test-project\./,
    ],
    ['unauthenticated', 'SECRET_ACCESS_DENIED', /^the credentials are missing or expired: /],
    ['invalid', 'SECRET_REFERENCE_INVALID', /^Secret Manager does not accept this name\./],
    ['throttled', 'SECRET_UNAVAILABLE', /^the quota of requests is used up$/],
    ['unavailable', 'SECRET_UNAVAILABLE', /^Secret Manager cannot be reached or failed$/],
    ['garbage', 'SECRET_UNAVAILABLE', /^Secret Manager cannot be reached or failed$/],
    ['proxy-page', 'SECRET_UNAVAILABLE', /^Secret Manager cannot be reached or failed$/],
    ['cut', 'SECRET_UNAVAILABLE', /^Secret Manager cannot be reached or failed$/],
    ['wrong-checksum', 'SECRET_UNAVAILABLE', /^its checksum is wrong: the value was damaged on the way$/],
    ['no-checksum', 'SECRET_UNAVAILABLE', /^its checksum is missing/],
    ['no-payload', 'SECRET_UNAVAILABLE', /^its answer holds no value$/],
  ])('that answers %s is %s, is asked once, and works again after', async (fault, code, problem) => {
    backend.set('token', CANARY);
    backend.fail('token', fault);
    expect(await failureOf('gcp://token')).toMatchObject({
      code,
      details: { problem: expect.stringMatching(problem) },
    });
    expect(backend.reads).toHaveLength(1);
    backend.heal('token');
    expect((await read('gcp://token')).value).toBe(CANARY);
  });

  it('is not believed when it answers with another secret or another version', async () => {
    backend.set('token', 'token-value');
    backend.set('token', 'token-value-2');
    backend.set('other', CANARY);
    backend.swap('token', 'other');
    const problem = 'the answer was for another secret';
    expect(await failureOf('gcp://token')).toMatchObject({ code: 'SECRET_UNAVAILABLE', details: { problem } });
    backend.swap('token', 'token');
    expect(await failureOf('gcp://token/versions/1')).toMatchObject({ details: { problem } });
  });

  it('sees that a read was given up while it was waiting for the answer', async () => {
    backend.set('token', CANARY);
    backend.fail('token', 'hanging');
    const asked = backend.nextRead();
    const controller = new AbortController();
    const reading = read('gcp://token', controller.signal);
    const reason = new Error('nobody waits');
    const { ended } = await asked;
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(await ended).toBe('cancelled');
    expect(backend.running()).toBe(0);
  });

  it('is not asked when the read was given up before', async () => {
    await expect(read('gcp://token', AbortSignal.abort())).rejects.toThrow('aborted');
    expect(backend.reads).toEqual([]);
  });

  it('may be slow, for one secret and not for another', async () => {
    backend.set('slow', 'slow-value');
    backend.set('quick', 'quick-value');
    const { promise: later, resolve: answer } = Promise.withResolvers<void>();
    backend.hold('slow', later);
    const slow = read('gcp://slow');
    expect((await read('gcp://quick')).value).toBe('quick-value');
    answer();
    expect((await slow).value).toBe('slow-value');
  });

  it('ends the reads that run when it is closed, and is asked no more', async () => {
    backend.set('token', CANARY);
    backend.fail('token', 'hanging');
    const asked = backend.nextRead();
    const reading = failureOf('gcp://token');
    const { ended } = await asked;
    await provider.close?.();
    expect(await reading).toBeInstanceOf(Error);
    expect(await ended).toBe('cancelled');
    expect(await failureOf('gcp://token')).toBeInstanceOf(Error);
    expect(backend.reads).toHaveLength(1);
  });

  it('comes back after an outage', async () => {
    backend.set('token', CANARY);
    await read('gcp://token');
    await backend.stop();
    expect(await failureOf('gcp://token')).toMatchObject({ code: 'SECRET_UNAVAILABLE' });
    await backend.start();
    // The library notices at its own pace that there is somebody again.
    await expect.poll(async () => (await read('gcp://token')).value, { timeout: 30_000 }).toBe(CANARY);
  });

  it('brings a new version to whoever refreshes, through one read', async () => {
    backend.set('token', 'first-value');
    const resolving = resolver();
    const changes: unknown[] = [];
    resolving.onChange((change) => changes.push(change));
    expect((await resolving.resolve('gcp://token', signal)).reveal()).toBe('first-value');
    backend.set('token', 'second-value');
    expect((await resolving.resolve('gcp://token', signal)).reveal()).toBe('first-value');
    expect((await resolving.refresh('gcp://token', signal)).reveal()).toBe('second-value');
    expect(changes).toMatchObject([{ reference: 'gcp://token', version: '2', previous: 'other' }]);
    expect(backend.reads).toHaveLength(2);
    await resolving.close();
  });

  it('gives the keys of a JSON secret, all of them through one read', async () => {
    backend.set('database', JSON.stringify({ user: 'admin-user', password: { current: CANARY } }));
    const resolving = resolver();
    const secrets = await Promise.all(
      ['user', 'password.current'].map((key) => resolving.resolve(`gcp://database#${key}`, signal)),
    );
    expect(secrets.map((secret) => secret.reveal())).toEqual(['admin-user', CANARY]);
    expect(backend.reads).toHaveLength(1);
    await resolving.close();
  });

  it('is asked at most 8 times at once by a resolver', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const names = Array.from({ length: 20 }, (_, index) => `token-${index}`);
    for (const name of names) {
      backend.set(name, `value-of-${name}`);
      backend.hold(name, gate);
    }
    const resolving = resolver();
    const all = Promise.all(names.map((name) => resolving.resolve(`gcp://${name}`, signal)));
    // What it takes for the most of them it sees some turns later.
    await expect.poll(() => [backend.running(), backend.mostRunning()], { timeout: 20_000 }).toEqual([8, 8]);
    open();
    expect((await all).map((secret) => secret.reveal())).toEqual(names.map((name) => `value-of-${name}`));
    expect(backend.mostRunning()).toBe(8);
    await resolving.close();
  });
});
