import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HostPlan, ProviderSpec } from '@hostler/config';
import { createEnvProvider, createFileProvider, isSecretProviderDefinition } from '@hostler/secrets';
import type { SecretProvider } from '@hostler/secrets';
import { providerErrors } from './errors.ts';

/**
 * The providers that a plan names, with `env` and `file`, which are always there.
 * @throws PROVIDER_NOT_FOUND, PROVIDER_INVALID, SECRET_OPTIONS_INVALID
 */
export async function loadProviders(
  plan: HostPlan,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SecretProvider[]> {
  const named = await Promise.all(plan.providers.map((spec) => loadProvider(spec, plan.source)));
  return [createEnvProvider(environment), createFileProvider(dirname(plan.source)), ...named];
}

/** @throws PROVIDER_NOT_FOUND, PROVIDER_INVALID, SECRET_OPTIONS_INVALID */
export async function loadProvider({ use, with: options }: ProviderSpec, source: string): Promise<SecretProvider> {
  const module = await importFrom(use, source);
  const definition = Object.values(module).find(isSecretProviderDefinition);
  if (definition === undefined) throw providerErrors.INVALID({ details: { use } });
  return definition.create(options);
}

/** A provider is installed where its user works: beside the configuration first, then beside Hostler. */
async function importFrom(use: string, source: string): Promise<Record<string, unknown>> {
  let target = use;
  try {
    target = pathToFileURL(createRequire(join(dirname(source), 'hostler.yaml')).resolve(use)).href;
  } catch {
    // Not there: the plain name below is looked up beside Hostler itself.
  }
  try {
    return (await import(target)) as Record<string, unknown>;
  } catch (cause) {
    throw providerErrors.NOT_FOUND({ details: { use }, cause });
  }
}
