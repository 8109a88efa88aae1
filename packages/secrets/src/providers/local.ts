import { untilAborted } from '../until-aborted.ts';
import type { SecretProvider } from '../secret-provider.ts';
import type { VaultOptions } from '../vault/create-vault.ts';
import { KeyRing } from '../vault/key-ring.ts';
import { problemOfVaultName } from '../vault/vault-name.ts';
import { VaultReader } from '../vault/vault-reader.ts';

/**
 * `local://name` from the encrypted file of `createVault`. A change of the file is seen by the next read.
 * @throws SECRET_VAULT_KEY_INVALID
 */
export function createLocalProvider({ file, keys }: VaultOptions): SecretProvider {
  const reader = new VaultReader(file, new KeyRing(keys));
  return {
    scheme: 'local',
    problemOf: (ref) => problemOfVaultName(ref.path),
    async read(ref, { signal }) {
      signal.throwIfAborted();
      return untilAborted(signal, reader.read(ref.path));
    },
    async check({ signal }) {
      await untilAborted(signal, reader.open());
    },
  };
}
