import type { ProviderSpec } from '@hostler/config';
import { isHostlerError, isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import type { Secret } from '@hostler/secrets';
import { providerErrors } from './errors.ts';
import { isOptionSecret } from './secret-uses.ts';

/** Reads a reference of `env://`, `file://` or `local://`: what is there before any provider that is configured. */
export type ReadEarly = (reference: string) => Promise<Secret>;

/**
 * The options of a provider with its secrets as text, since they leave the host through the provider's own client.
 * @throws PROVIDER_OPTION_UNREADABLE
 */
export async function readOptions({ use, with: options }: ProviderSpec, read: ReadEarly): Promise<JsonObject> {
  async function fill(value: Json | undefined, path: string): Promise<Json | undefined> {
    if (Array.isArray(value)) {
      return Promise.all(value.map(async (inner, index) => (await fill(inner, `${path}.${index}`)) ?? null));
    }
    if (!isJsonObject(value)) return value;
    if (!isOptionSecret(value)) return fillMembers(value, path);
    try {
      return (await read(value.secret)).reveal();
    } catch (cause) {
      const problem = isHostlerError(cause) ? cause.message : 'it could not be read.';
      throw providerErrors.OPTION_UNREADABLE({ details: { use, option: path.slice(1), problem }, cause });
    }
  }

  async function fillMembers(members: JsonObject, path: string): Promise<JsonObject> {
    const entries = Object.entries(members).map(
      async ([name, inner]) => [name, await fill(inner, `${path}.${name}`)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  return fillMembers(options, '');
}
