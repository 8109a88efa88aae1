import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HostPlan, ProviderSpec } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import { isSecretProviderDefinition, redactLikely, secretErrors } from '@hostler/secrets';
import type { Redactor, SecretProvider, SecretProviderDefinition } from '@hostler/secrets';
import { providerErrors } from './errors.ts';
import { readOptions } from './provider-options.ts';
import type { ReadEarly } from './provider-options.ts';

/**
 * The providers that a plan names, with the secrets of their options read.
 * @throws PROVIDER_NOT_FOUND, PROVIDER_INVALID, PROVIDER_OPTION_UNREADABLE, SECRET_OPTIONS_INVALID
 */
export async function loadProviders(
  { providers, source }: HostPlan,
  { read, redactor }: { readonly read: ReadEarly; readonly redactor: Redactor },
): Promise<SecretProvider[]> {
  return Promise.all(
    providers.map(async (spec) => {
      const definition = await loadDefinition(spec, source);
      const options = await readOptions(spec, read);
      try {
        return await definition.create(options);
      } catch (error) {
        if (isHostlerError(error)) throw error;
        // It knows its options, and is the only one that knows what is wrong with them.
        const said = error instanceof Error ? error.message : String(error);
        const problem = redactLikely(redactor.redact(said));
        throw secretErrors.OPTIONS_INVALID({ details: { scheme: definition.scheme, problem } });
      }
    }),
  );
}

/** @throws PROVIDER_NOT_FOUND, PROVIDER_INVALID */
export async function loadDefinition(
  { use }: Pick<ProviderSpec, 'use'>,
  source: string,
): Promise<SecretProviderDefinition<unknown>> {
  const module = await importFrom(use, source);
  const definition = Object.values(module).find(isSecretProviderDefinition);
  if (definition === undefined) throw providerErrors.INVALID({ details: { use } });
  return definition;
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
