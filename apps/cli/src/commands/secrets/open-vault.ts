import { dirname, resolve } from 'node:path';
import { loadConfig } from '@hostler/config';
import type { LocalVaultSpec } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import type { SecretUse } from '@hostler/kernel';
import { createRedactor } from '@hostler/secrets';
import type { Redactor } from '@hostler/secrets';
import { createVault } from '@hostler/secrets/vault';
import type { Vault } from '@hostler/secrets/vault';
import type { Cli } from '../../cli.ts';
import { findConfig } from '../../config-path.ts';
import { cliErrors } from '../../errors.ts';
import { shownPath } from '../../problems.ts';
import { readKeys } from './read-keys.ts';

export interface VaultFlags {
  readonly file?: string;
}

export interface OpenVault {
  readonly vault: Vault;
  /** As a person in this folder would write it. */
  readonly shown: string;
  /** The reference of the key that encrypts. */
  readonly keyReference: string;
  /** Masks keys, and what is added to it, in all that is printed. */
  readonly redactor: Redactor;
}

/** Where the vault is and which keys open it. */
interface VaultPlace extends LocalVaultSpec {
  /** Relative paths of keys lead from there. */
  readonly folder: string;
}

const DEFAULT_KEY: SecretUse = { secret: 'env://HOSTLER_ENCRYPTION_KEY' };
const NEW_KEY: SecretUse = { secret: 'env://HOSTLER_NEW_ENCRYPTION_KEY' };

/** The vault of the configuration, or the file of `--file`, with the right key. @throws CLI_NO_VAULT, CLI_NO_KEY, SECRET_VAULT_* */
export async function openVault(cli: Cli, flags: VaultFlags): Promise<OpenVault> {
  const place = await findVault(cli, flags);
  return open(cli, place, [place.key, ...place.oldKeys]);
}

export interface RekeyFlags extends VaultFlags {
  readonly newKeyFile?: string;
}

/**
 * The same with the new key first: that of the flag or of the variable, else that of the configuration, which names the
 * others as old.
 * @throws as `openVault`, and CLI_USAGE when there is no new key
 */
export async function openVaultToRekey(cli: Cli, flags: RekeyFlags): Promise<OpenVault> {
  const place = await findVault(cli, flags);
  const current = [place.key, ...place.oldKeys];
  const { workingDirectory, environment } = cli.context;
  if (flags.newKeyFile !== undefined) {
    return open(cli, place, [{ secret: `file://${resolve(workingDirectory, flags.newKeyFile)}` }, ...current]);
  }
  if (environment['HOSTLER_NEW_ENCRYPTION_KEY']) return open(cli, place, [NEW_KEY, ...current]);
  if (place.oldKeys.length > 0) return open(cli, place, current);
  const problem =
    'There is no new key: name its file with --new-key-file FILE, or set HOSTLER_NEW_ENCRYPTION_KEY. It is not taken from the command line.';
  throw cliErrors.USAGE({ details: { problem } });
}

async function open(cli: Cli, place: VaultPlace, uses: readonly SecretUse[]): Promise<OpenVault> {
  const { environment, workingDirectory } = cli.context;
  const redactor = createRedactor();
  cli.masking.use({
    redact: (text) => redactor.redact(text),
    redactBytes: (bytes) => redactor.redactBytes(bytes),
  });
  const keys = await readKeys(uses, { environment, folder: place.folder, redactor });
  const vault = createVault({ file: place.file, keys });
  // What is wrong with the key is said before anything is asked for.
  await vault.open();
  return { vault, redactor, shown: shownPath(place.file, workingDirectory), keyReference: uses[0]?.secret ?? '' };
}

async function findVault(cli: Cli, { file }: VaultFlags): Promise<VaultPlace> {
  const { environment, workingDirectory } = cli.context;
  if (file !== undefined) {
    return { file: resolve(workingDirectory, file), key: DEFAULT_KEY, oldKeys: [], folder: workingDirectory };
  }
  const path = await findConfig(cli.context, { option: cli.options.config }).catch((error: unknown) => {
    if (isHostlerError(error) && error.code === cliErrors.NO_CONFIG.code) return undefined;
    throw error;
  });
  if (path === undefined) throw noVault('There is no configuration in this folder.');
  const { local } = (await loadConfig(path, { environment })).plan.secrets;
  if (local !== undefined) return { ...local, folder: dirname(path) };
  throw noVault(`${shownPath(path, workingDirectory)} has no local vault.`);
}

function noVault(reason: string): Error {
  return cliErrors.NO_VAULT({ details: { reason } });
}
