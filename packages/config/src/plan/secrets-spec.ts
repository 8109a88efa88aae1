import { resolve } from 'node:path';
import type { SecretUse } from '@hostler/kernel';
import { toMilliseconds } from '../duration.ts';
import type { CheckedConfig } from '../schema/config-file.ts';

export type LeakAction = 'mask' | 'refuse' | 'off';

/** Secrets of the host as a whole; who reads them is in `providers`. */
export interface SecretsSpec {
  /** Milliseconds between two looks at secrets that may change; 0 never looks. */
  readonly refresh: number;
  /** Milliseconds for which the last value serves while its provider is unavailable. */
  readonly maxStale: number;
  /** Milliseconds for one read. */
  readonly readTimeout: number;
  /** What happens to the text of a secret where it does not belong. */
  readonly guard: { readonly results: LeakAction; readonly arguments: LeakAction };
  /** The encrypted file behind `local://`. */
  readonly local: LocalVaultSpec | undefined;
}

export interface LocalVaultSpec {
  /** Absolute. */
  readonly file: string;
  /** Encrypts and decrypts; `env://` or `file://`. */
  readonly key: SecretUse;
  /** Decrypt only. */
  readonly oldKeys: readonly SecretUse[];
}

export function toSecretsSpec({ secrets }: CheckedConfig, folder: string): SecretsSpec {
  const { refresh, maxStale, timeout, guard, local } = secrets;
  return {
    refresh: toMilliseconds(refresh),
    maxStale: toMilliseconds(maxStale),
    readTimeout: toMilliseconds(timeout),
    guard: { results: guard.results, arguments: guard.arguments },
    local: local && {
      file: resolve(folder, local.file),
      key: toSecretUse(local.key),
      oldKeys: local.oldKeys.map(toSecretUse),
    },
  };
}

function toSecretUse({ secret, format }: { readonly secret: string; readonly format: string }): SecretUse {
  return { secret, ...(format !== '{}' && { format }) };
}
