import { inspect } from 'node:util';
import { secretErrors } from '@hostler/secrets';
import type { AwsFault } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { createProvider, createResolver, failureOf, never, read, startBackend, useEnvironment } from './backend.ts';

/** Short enough to be quoted whole by a parser that fails at it. */
const CANARY = 'c4n4ry-5e1f';
const ALLOW_READ = 'allow secretsmanager:GetSecretValue on team/db to the identity of this host.';
const ALLOW_KEY = 'allow kms:Decrypt on the key of the secret to the identity of this host.';

const { ACCESS_DENIED, DISABLED, NOT_FOUND, REFERENCE_INVALID, UNAVAILABLE } = secretErrors;

/** Everything that a log, a debugger or an error page could show of it. */
function shown(error: Error): string {
  const { stack, cause } = error;
  return [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), stack, String(cause)].join('\n');
}

describe('a read of AWS that fails', () => {
  it.each<[string, AwsFault, string, string]>([
    ['is denied', { kind: 'access-denied' }, ACCESS_DENIED.code, ALLOW_READ],
    ['has no access to the key', { kind: 'key-denied' }, ACCESS_DENIED.code, ALLOW_KEY],
    ['cannot be decrypted', { kind: 'decryption-failure' }, ACCESS_DENIED.code, ALLOW_KEY],
    [
      'is denied by a policy of the key',
      { kind: 'error', name: 'AccessDeniedException', message: 'not authorized to perform: kms:Decrypt' },
      ACCESS_DENIED.code,
      ALLOW_KEY,
    ],
    [
      'is denied where a name speaks of KMS',
      { kind: 'error', name: 'AccessDeniedException', message: 'not authorized on resource: kms-key' },
      ACCESS_DENIED.code,
      ALLOW_READ,
    ],
    ['is refused by a firewall', { kind: 'error', name: 'Blocked', status: 403 }, ACCESS_DENIED.code, ALLOW_READ],
    ['is throttled', { kind: 'throttled' }, UNAVAILABLE.code, 'AWS throttles this host'],
    ['meets a failure', { kind: 'internal-error' }, UNAVAILABLE.code, 'Secrets Manager has a failure'],
    ['meets 503', { kind: 'error', name: 'Unknown', status: 503 }, UNAVAILABLE.code, 'Secrets Manager has a failure'],
    ['is answered with garbage', { kind: 'garbage' }, UNAVAILABLE.code, 'its answer is not one of Secrets Manager'],
    [
      'is answered with text',
      { kind: 'wrong-content-type' },
      UNAVAILABLE.code,
      'its answer is not one of Secrets Manager',
    ],
    ['is cut off', { kind: 'reset' }, UNAVAILABLE.code, 'Secrets Manager cannot be reached'],
    ['is answered without end', { kind: 'huge', bytes: 8 * 1024 * 1024 }, UNAVAILABLE.code, 'its answer is too long'],
    [
      'is answered with another secret',
      { kind: 'mistaken', name: 'team/other' },
      UNAVAILABLE.code,
      'its answer is for another secret',
    ],
    [
      'is refused as malformed',
      { kind: 'error', name: 'ValidationException' },
      REFERENCE_INVALID.code,
      'check the name',
    ],
    [
      'is refused for a parameter',
      { kind: 'error', name: 'InvalidParameterException' },
      REFERENCE_INVALID.code,
      'check the name',
    ],
    ['is in a wrong state', { kind: 'error', name: 'InvalidRequestException' }, DISABLED.code, 'its present state'],
    ['has a session that ended', { kind: 'error', name: 'ExpiredTokenException' }, ACCESS_DENIED.code, 'has expired'],
  ])('and %s says so, without the value', async (_, fault, code, problem) => {
    const backend = await startBackend();
    backend.set('team/db', CANARY);
    backend.set('team/other', `other-${CANARY}`);
    backend.fail('team/db', fault);
    const error = await failureOf(read(await createProvider(), 'aws://team/db'));
    expect(error.code).toBe(code);
    expect(error.details['problem']).toContain(problem);
    const outer = await failureOf((await createResolver()).resolve('aws://team/db', never));
    expect(outer.message).toContain(problem);
    for (const text of [shown(error), shown(outer)]) expect(text).not.toContain(CANARY);
  });

  it('for want of the secret, a version or a label finds nothing', async () => {
    const backend = await startBackend();
    backend.set('db', CANARY);
    const provider = await createProvider();
    const unknown = 'aws://db?version=00000000-0000-4000-8000-000000000000';
    for (const reference of ['aws://nothing', unknown, 'aws://db?stage=AWSPENDING']) {
      expect((await failureOf(read(provider, reference))).code).toBe(NOT_FOUND.code);
    }
  });

  it('for a secret that is scheduled for deletion says so', async () => {
    const backend = await startBackend();
    backend.set('db', CANARY);
    backend.scheduleDeletion('db');
    const error = await failureOf((await createResolver()).resolve('aws://db', never));
    expect(error.code).toBe(DISABLED.code);
    expect(error.message).toContain('aws://db exists but is scheduled for deletion.');
  });

  it('keeps what AWS said for the log', async () => {
    const backend = await startBackend();
    backend.set('db', CANARY);
    backend.deny('db');
    const error = await failureOf(read(await createProvider(), 'aws://db'));
    expect(error.message).not.toContain('arn:aws:iam');
    expect(String(error.cause)).toMatch(/AccessDeniedException: User: arn:aws:iam::.*\(HTTP 400, [-0-9a-f]{36}\)/);
  });

  it('because nobody listens is tried again by nobody here', async () => {
    const backend = await startBackend();
    await backend.stop();
    const error = await failureOf(read(await createProvider(), 'aws://db'));
    expect(error.code).toBe(UNAVAILABLE.code);
    expect(String(error.cause)).toContain('ECONNREFUSED');
  });

  it('is not repeated: the resolver does that', async () => {
    const backend = await startBackend();
    backend.set('db', CANARY);
    backend.fail('db', { kind: 'throttled' });
    await failureOf(read(await createProvider(), 'aws://db'));
    expect(backend.reads('db')).toBe(1);
  });
});

describe('a read of AWS that takes its time', () => {
  it('waits for a slow answer', async () => {
    const backend = await startBackend();
    backend.set('db', 'slow-value');
    const { promise: until, resolve } = Promise.withResolvers<void>();
    backend.fail('db', { kind: 'slow', until });
    const arrived = backend.arrived('db');
    const reading = read(await createProvider(), 'aws://db');
    await arrived;
    resolve();
    expect((await reading).value).toBe('slow-value');
  });

  it('ends with the signal, and leaves the backend', async () => {
    const backend = await startBackend();
    backend.set('db', CANARY);
    backend.fail('db', { kind: 'hanging' });
    const controller = new AbortController();
    const [arrived, left] = [backend.arrived('db'), backend.left('db')];
    const reading = read(await createProvider(), 'aws://db', controller.signal);
    await arrived;
    const reason = new Error('nobody waits');
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await left;
  });

  it('ends when the provider is closed, and stays closed', async () => {
    const backend = await startBackend();
    backend.set('db', CANARY);
    backend.fail('db', { kind: 'hanging' });
    const provider = await createProvider();
    const [arrived, left] = [backend.arrived('db'), backend.left('db')];
    const reading = failureOf(read(provider, 'aws://db'));
    await arrived;
    await provider.close?.();
    expect((await reading).code).toBe(UNAVAILABLE.code);
    await left;
    expect((await failureOf(read(provider, 'aws://db'))).details['problem']).toBe('its provider is closed');
    expect(backend.reads('db')).toBe(1);
  });
});

describe('credentials that are refused', () => {
  const KEY = { secret: 'the-right-secret-key' };

  it.each([
    ['a wrong secret key', { AWS_SECRET_ACCESS_KEY: 'the-wrong-secret-key' }, {}, 'secret access key and its clock'],
    ['an unknown key id', { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' }, {}, 'does not know the access key'],
    ['a missing session token', { AWS_SESSION_TOKEN: '' }, { token: 'session-token' }, 'does not know the access key'],
    ['a session that has expired', {}, { token: 'session-token', expired: true }, 'has expired'],
  ])('for %s deny access with the mend', async (_, environment, key, problem) => {
    const backend = await startBackend({ keys: { AKIAKNOWN: { ...KEY, ...key } } });
    backend.set('db', CANARY);
    useEnvironment({ ...backend.environment, ...environment });
    const error = await failureOf(read(await createProvider(), 'aws://db'));
    expect(error.code).toBe(ACCESS_DENIED.code);
    expect(error.details['problem']).toContain(problem);
    expect(backend.reads('db')).toBe(0);
    for (const text of [CANARY, 'the-wrong-secret-key', KEY.secret]) expect(shown(error)).not.toContain(text);
  });

  it('are taken when the session token fits', async () => {
    const backend = await startBackend({ keys: { ASIAKNOWN: { ...KEY, token: 'session-token' } } });
    backend.set('db', 'value-of-session');
    expect((await read(await createProvider(), 'aws://db')).value).toBe('value-of-session');
  });

  it.each([20, -20])('because the clock is %i minutes off heal themselves', async (minutes) => {
    const backend = await startBackend({ skew: minutes * 60_000 });
    backend.set('db', 'value-in-time');
    const provider = await createProvider();
    const error = await failureOf(read(provider, 'aws://db'));
    expect([error.code, error.details['problem']]).toEqual([UNAVAILABLE.code, 'the clock of this host is wrong']);
    expect((await read(provider, 'aws://db')).value).toBe('value-in-time');
  });

  it('because there are none say what to do', async () => {
    const backend = await startBackend();
    backend.set('db', CANARY);
    useEnvironment({ ...backend.environment, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
    const resolver = await createResolver();
    const error = await failureOf(resolver.resolve('aws://db', never));
    expect(error.code).toBe(ACCESS_DENIED.code);
    expect(error.message).toContain('this host has no AWS credentials: give it a role');
    const [check] = await resolver.check(never);
    expect(check?.error?.code).toBe(ACCESS_DENIED.code);
    expect(backend.requests()).toEqual([]);
  });

  it('that were there before are missed for a while only', async () => {
    const backend = await startBackend();
    const { arn } = backend.set('db', CANARY, { region: 'us-east-2' });
    backend.set('db', CANARY);
    const provider = await createProvider();
    await read(provider, 'aws://db');
    useEnvironment({ ...backend.environment, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
    // Another region has another client, which looks for credentials anew.
    const error = await failureOf(read(provider, `aws://${arn}`));
    expect(error.code).toBe(UNAVAILABLE.code);
    expect(error.details['problem']).toBe('the credentials of this host cannot be renewed');
  });

  it('are looked for by check, which reads nothing', async () => {
    const backend = await startBackend();
    const provider = await createProvider();
    await provider.check?.({ signal: never, fetch });
    expect(backend.requests()).toEqual([]);
  });
});
