import type { LocalVaultSpec } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import type { SecretUse } from '@hostler/kernel';
import { problemOfVaultName, secretErrors } from '@hostler/secrets';
import type { SecretProvider } from '@hostler/secrets';
import type { ReadEarly } from './provider-options.ts';

/**
 * `local://` from the encrypted file of the plan. Its keys are read when the first secret is: a key that is missing blocks
 * the servers that use the file, and no others.
 */
export function createVaultProvider({ file, key, oldKeys }: LocalVaultSpec, read: ReadEarly): SecretProvider {
  let opening: Promise<SecretProvider> | undefined;

  async function open(): Promise<SecretProvider> {
    const { createLocalProvider } = await import('@hostler/secrets/vault');
    return createLocalProvider({ file, keys: await vaultKeys({ key, oldKeys }, read) });
  }

  /** Kept: to make a key out of a passphrase takes half a second. */
  async function opened(): Promise<SecretProvider> {
    opening ??= open();
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  return {
    scheme: 'local',
    problemOf: (ref) => problemOfVaultName(ref.path),
    async read(ref, context) {
      try {
        return await (await opened()).read(ref, context);
      } catch (error) {
        // The file may have got another key, and whoever gave it one has put that where the key is kept.
        if (isHostlerError(error) && error.code === secretErrors.VAULT_KEY_WRONG.code) opening = undefined;
        throw error;
      }
    },
    async check(context) {
      await (await opened()).check?.(context);
    },
  };
}

/** As texts, the one that encrypts first. @throws SECRET_VAULT_KEY_INVALID */
export async function vaultKeys(
  { key, oldKeys }: Pick<LocalVaultSpec, 'key' | 'oldKeys'>,
  read: ReadEarly,
): Promise<readonly string[]> {
  return [...new Set(await Promise.all([key, ...oldKeys].map((use) => keyText(use, read))))];
}

/** The key leaves the host for the file alone. */
async function keyText({ secret: reference, format = '{}' }: SecretUse, read: ReadEarly): Promise<string> {
  try {
    const secret = await read(reference);
    return format.replace('{}', () => secret.reveal());
  } catch (cause) {
    const problem = isHostlerError(cause) ? cause.message : 'it cannot be read.';
    throw secretErrors.VAULT_KEY_INVALID({ details: { problem }, cause });
  }
}
