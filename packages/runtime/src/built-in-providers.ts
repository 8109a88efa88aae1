import { dirname } from 'node:path';
import type { HostPlan } from '@hostler/config';
import { createEnvProvider, createFileProvider } from '@hostler/secrets';
import type { SecretProvider } from '@hostler/secrets';
import type { ReadEarly } from './provider-options.ts';
import { createVaultProvider } from './vault-provider.ts';

export interface BuiltInProvidersOptions {
  readonly plan: Pick<HostPlan, 'source' | 'secrets'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For the keys of the encrypted file. */
  readonly read: ReadEarly;
}

/** What reads `env://` and `file://`, which are always there, and `local://`, where the plan has an encrypted file. */
export function builtInProviders({ plan, environment, read }: BuiltInProvidersOptions): SecretProvider[] {
  const { source, secrets } = plan;
  const always = [createEnvProvider(environment), createFileProvider(dirname(source))];
  return secrets.local === undefined ? always : [...always, createVaultProvider(secrets.local, read)];
}
