import { secretErrors } from '@hostler/secrets';
import { describe, expect, it } from 'vitest';
import { createProvider, createResolver, failureOf, never, read, startBackend, useEnvironment } from './backend.ts';

const PATIENT = { timeout: 20_000 };

describe('a secret of AWS', () => {
  it('is read by its name, with the id of its version', async () => {
    const backend = await startBackend();
    const { version } = backend.set('team/api_token+1=a.b@c-d', 'value-by-name');
    const reading = await read(await createProvider(), 'aws://team/api_token+1=a.b@c-d');
    expect(reading).toEqual({ value: 'value-by-name', version });
    expect(backend.reads()).toBe(1);
  });

  it('is read by its ARN, in the region of the ARN', async () => {
    const backend = await startBackend({ region: 'eu-west-1' });
    backend.set('db', 'value-of-ireland');
    const { arn } = backend.set('db', 'value-of-ohio', { region: 'us-east-2' });
    const provider = await createProvider();
    expect((await read(provider, 'aws://db')).value).toBe('value-of-ireland');
    expect((await read(provider, `aws://${arn}`)).value).toBe('value-of-ohio');
    expect(backend.requests().map(({ region }) => region)).toEqual(['eu-west-1', 'us-east-2']);
  });

  it('needs no region beside the one of its ARN', async () => {
    const backend = await startBackend();
    const { arn } = backend.set('db', 'value-of-arn');
    const { AWS_REGION: _, ...environment } = backend.environment;
    useEnvironment(environment);
    const provider = await createProvider();
    expect((await read(provider, `aws://${arn}`)).value).toBe('value-of-arn');
    const error = await failureOf(read(provider, 'aws://db'));
    expect(error.code).toBe(secretErrors.REFERENCE_INVALID.code);
    expect(error.message).toMatch(/aws:\/\/db.*names no region.*whole ARN.*AWS_REGION/);
  });

  it('is read in the region, at the endpoint and with the profile of the options', async () => {
    const backend = await startBackend();
    backend.set('db', 'value-of-frankfurt', { region: 'eu-central-1' });
    const { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint = '', ...environment } = backend.environment;
    useEnvironment(environment);
    const provider = await createProvider({ region: 'eu-central-1', endpoint });
    expect((await read(provider, 'aws://db')).value).toBe('value-of-frankfurt');
  });

  it('is read with a staging label', async () => {
    const backend = await startBackend();
    backend.set('db', 'value-one');
    backend.set('db', 'value-two');
    backend.set('db', 'value-three', { stage: 'AWSPENDING' });
    const provider = await createProvider();
    const values = await Promise.all(
      ['aws://db', 'aws://db?stage=AWSPREVIOUS', 'aws://db?stage=AWSPENDING'].map((text) => read(provider, text)),
    );
    expect(values.map(({ value, pinned }) => [value, pinned])).toEqual([
      ['value-two', undefined],
      ['value-one', undefined],
      ['value-three', undefined],
    ]);
    backend.promote('db');
    expect((await read(provider, 'aws://db')).value).toBe('value-three');
  });

  it('is pinned by the id of a version', async () => {
    const backend = await startBackend();
    const { version } = backend.set('db', 'value-one');
    backend.set('db', 'value-two');
    const reading = await read(await createProvider(), `aws://db?version=${version}`);
    expect(reading).toEqual({ value: 'value-one', version, pinned: true });
  });

  it('may be stored as bytes, when they are UTF-8', async () => {
    const backend = await startBackend();
    backend.set('text', new TextEncoder().encode('grüße-als-bytes'));
    backend.set('bytes', Uint8Array.of(0xff, 0xfe, 0x80));
    const provider = await createProvider();
    expect((await read(provider, 'aws://text')).value).toBe('grüße-als-bytes');
    const error = await failureOf((await createResolver()).resolve('aws://bytes', never));
    expect(error.code).toBe(secretErrors.VALUE_INVALID.code);
    expect(error.message).toBe('The value of secret aws://bytes is not UTF-8 text.');
  });

  it('may hold 64 KiB and no byte more', async () => {
    const backend = await startBackend();
    // One byte each, and six on the wire, where JSON escapes it: the longest answer that there can be.
    const largest = '\u{1}'.repeat(64 * 1024);
    expect(Buffer.byteLength(largest)).toBe(64 * 1024);
    backend.set('largest', largest);
    backend.set('larger', `${largest}x`);
    const resolver = await createResolver();
    expect((await resolver.resolve('aws://largest', never)).reveal()).toBe(largest);
    const error = await failureOf(resolver.resolve('aws://larger', never));
    expect(error.message).toBe('The value of secret aws://larger is larger than 64 KiB.');
  });

  it('gives the keys of a JSON value for one read', async () => {
    const backend = await startBackend();
    backend.set('db', '{"user":"scott","password":{"value":"tiger-91"}}');
    const resolver = await createResolver();
    const values = await Promise.all(
      ['aws://db#user', 'aws://db#password.value'].map((reference) => resolver.resolve(reference, never)),
    );
    expect(values.map((value) => value.reveal())).toEqual(['scott', 'tiger-91']);
    expect(backend.reads('db')).toBe(1);
  });

  it('is seen anew after a rotation', async () => {
    const backend = await startBackend();
    const { version: before } = backend.set('db', 'value-before');
    const resolver = await createResolver();
    expect((await resolver.resolve('aws://db', never)).version).toBe(before);
    const { version: after } = backend.set('db', 'value-after');
    const fresh = await resolver.refresh('aws://db', never);
    expect([fresh.version, fresh.reveal()]).toEqual([after, 'value-after']);
    expect((await resolver.resolve('aws://db', never)).version).toBe(after);
  });

  it('is read again after an outage', async () => {
    const backend = await startBackend();
    backend.set('db', 'value-kept');
    const provider = await createProvider();
    await read(provider, 'aws://db');
    await backend.stop();
    expect((await failureOf(read(provider, 'aws://db'))).code).toBe(secretErrors.UNAVAILABLE.code);
    await backend.start();
    expect((await read(provider, 'aws://db')).value).toBe('value-kept');
  });

  it('is read from more regions than clients are kept for', async () => {
    const backend = await startBackend();
    const { promise: until, resolve: answer } = Promise.withResolvers<void>();
    backend.fail('db', { kind: 'slow', until });
    const regions = Array.from({ length: 20 }, (_, index) => `xx-test-${index}`);
    const arns = regions.map((region) => backend.set('db', `value-of-${region}`, { region }).arn);
    const provider = await createProvider();
    const reading = Promise.all([...arns, ...arns].map((arn) => read(provider, `aws://${arn}`)));
    await expect.poll(() => backend.maximumConcurrency(), PATIENT).toBeGreaterThan(16);
    answer();
    expect(new Set((await reading).map(({ value }) => value)).size).toBe(20);
    // A client that is not kept leaves no connection behind.
    await expect.poll(() => backend.connections(), PATIENT).toBeLessThanOrEqual(32);
    await provider.close?.();
    await expect.poll(() => backend.connections(), PATIENT).toBe(0);
  });
});
