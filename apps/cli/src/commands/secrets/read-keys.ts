import { isHostlerError } from '@hostler/kernel';
import type { SecretUse } from '@hostler/kernel';
import { createEnvProvider, createFileProvider, createSecretResolver, secretErrors } from '@hostler/secrets';
import type { Redactor } from '@hostler/secrets';
import { systemClock } from '@hostler/runtime';
import { cliErrors } from '../../errors.ts';

export interface KeyWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where relative paths lead from. */
  readonly folder: string;
  readonly redactor: Redactor;
}

/**
 * Keys of the local vault as texts, each once. They are here for as long as the command lasts, and go to the vault only.
 * @throws CLI_NO_KEY for the first one that is not there, SECRET_*
 */
export async function readKeys(uses: readonly SecretUse[], world: KeyWorld): Promise<readonly string[]> {
  const { environment, folder, redactor } = world;
  const providers = [createEnvProvider(environment), createFileProvider(folder)];
  const resolver = createSecretResolver({ providers, redactor, clock: systemClock, fetch });
  // Bounded by the resolver itself.
  const { signal } = new AbortController();
  try {
    const keys: string[] = [];
    for (const { secret: reference, format = '{}' } of uses) {
      // oxlint-disable-next-line no-await-in-loop -- the first one that is missing is the one to tell of
      const secret = await resolver.resolve(reference, signal).catch((error: unknown) => {
        throw isHostlerError(error) && error.code === secretErrors.NOT_FOUND.code ? noKey(reference, error) : error;
      });
      keys.push(format.replace('{}', () => secret.reveal()));
    }
    return [...new Set(keys)];
  } finally {
    await resolver.close();
  }
}

function noKey(reference: string, cause: Error): Error {
  const variable = /^env:\/\/(\w+)$/.exec(reference)?.[1];
  const mend =
    variable === undefined
      ? `Make one with (umask 077; echo "base64:$(openssl rand -base64 32)" > FILE)`
      : `Make one with export ${variable}="base64:$(openssl rand -base64 32)"`;
  return cliErrors.NO_KEY({ details: { reference, mend }, cause });
}
