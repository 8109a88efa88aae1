import type { Clock, HostlerError } from '@hostler/kernel';
import { isHostlerError } from '@hostler/kernel';
import { createRedactor, createSecretResolver, parseSecretRef } from '@hostler/secrets';
import type { SecretProvider, SecretReading, SecretResolver } from '@hostler/secrets';
import { aws } from '@hostler/secrets-aws';
import type { AwsOptions } from '@hostler/secrets-aws';
import { startAwsSecretsManager } from '@hostler/test-kit';
import type { AwsSecretsManager, AwsSecretsManagerOptions } from '@hostler/test-kit';
import { afterEach, expect, vi } from 'vitest';

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
  vi.unstubAllEnvs();
});

/** A stand-in, and an environment in which the SDK finds it and nothing else. */
export async function startBackend(options: AwsSecretsManagerOptions = {}): Promise<AwsSecretsManager> {
  const backend = await startAwsSecretsManager(options);
  open.push(() => backend.stop());
  useEnvironment(backend.environment);
  return backend;
}

export function useEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
}

export async function createProvider(options: AwsOptions = {}): Promise<SecretProvider> {
  const provider = await aws.create(options);
  open.push(async () => provider.close?.());
  return provider;
}

export async function createResolver(options: AwsOptions = {}): Promise<SecretResolver> {
  const providers = [await createProvider(options)];
  // The first read loads the SDK, which takes a slow machine its time.
  const limits = { tries: 1, readTimeout: 30_000 };
  const resolver = createSecretResolver({ providers, redactor: createRedactor(), clock, fetch, limits });
  open.push(() => resolver.close());
  return resolver;
}

export const never: AbortSignal = new AbortController().signal;

export async function read(provider: SecretProvider, reference: string, signal = never): Promise<SecretReading> {
  return provider.read(parseSecretRef(reference), { signal, fetch });
}

/** The error that a read fails with. */
export async function failureOf(reading: Promise<unknown>): Promise<HostlerError> {
  const error = await reading.then(
    () => expect.unreachable('it succeeded'),
    (reason: unknown) => reason,
  );
  if (isHostlerError(error)) return error;
  throw error;
}

const clock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    return () => clearTimeout(timer);
  },
};
