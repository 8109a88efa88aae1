import { defineErrors } from '@hostler/kernel';
import type { ErrorKind } from '@hostler/kernel';

function kind(fault: ErrorKind['fault'], message: string): ErrorKind {
  return { http: 500, rpc: -32603, fault, retryable: false, message };
}

/** Why a command ends without having done its work. The exit code follows from the code. */
export const cliErrors = defineErrors('CLI', {
  USAGE: kind('caller', '{problem}'),
  NO_CONFIG: kind(
    'operator',
    'There is no {names} in this folder. Name the file (--config FILE), or make one from a client’s configuration: hostler import FILE',
  ),
  FILE_EXISTS: kind('operator', '{file} exists. Overwrite it with --force, or write elsewhere with --out FILE.'),
  FILE_UNWRITABLE: kind('operator', '{file} cannot be written: {reason}.'),
  FOLDER_NOT_EMPTY: kind(
    'operator',
    '{folder} is not empty, and nothing is overwritten. Name another folder with --dir FOLDER.',
  ),
  NO_VAULT: kind(
    'operator',
    '{reason} Add "secrets: { local: {} }" to the configuration, which keeps the vault beside it in hostler.vault, or name its file with --file FILE.',
  ),
  NO_KEY: kind(
    'operator',
    'The key of the vault, {reference}, is not there. {mend}, and keep it: nothing in the vault can be read without it.',
  ),
  SERVER_DOWN: kind('upstream', 'The server "{server}" is not up: {problem} More: hostler doctor'),
  CALL_FAILED: kind('upstream', '{message}'),
  NO_HOST: kind('operator', 'No host answers at {url}. Start it with hostler run, or name another one with --url URL.'),
  HOST_REFUSED: kind('caller', '{message}'),
  SERVER_UNKNOWN: kind('caller', '{message}'),
  NOT_FOUND: kind('caller', 'There is no {kind} "{name}".{hint}'),
  INTERRUPTED: kind('caller', 'Interrupted.'),
});
