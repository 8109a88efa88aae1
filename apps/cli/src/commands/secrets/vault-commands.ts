import { isHostlerError } from '@hostler/kernel';
import { problemOfVaultName, secretErrors } from '@hostler/secrets';
import type { VaultRecord } from '@hostler/secrets/vault';
import type { Cli } from '../../cli.ts';
import { cliErrors } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';
import { printableLine } from '../../text/printable.ts';
import { renderTable } from '../../text/table.ts';
import { openVault, openVaultToRekey } from './open-vault.ts';
import type { RekeyFlags, VaultFlags } from './open-vault.ts';
import { printValue } from './print-value.ts';
import { readValue } from './read-value.ts';

export interface SetOptions {
  readonly name: string;
  /** Words of the command line after the name. */
  readonly excess: number;
  readonly flags: VaultFlags;
}

/** `hostler secrets set NAME`: a value from standard input, or typed unseen, into the local vault. */
export async function runSecretsSet(cli: Cli, { name, excess, flags }: SetOptions): Promise<number> {
  // What was typed is not repeated: it is a secret.
  if (excess > 0 || name.includes('=')) throw cliErrors.USAGE({ details: { problem: VALUE_IN_ARGUMENTS } });
  // Before anybody types a value for it.
  const problem = problemOfVaultName(name);
  if (problem !== undefined) throw cliErrors.USAGE({ details: { problem: `The name cannot be used: ${problem}` } });
  const { vault, shown, redactor } = await openVault(cli, flags);
  const value = await readValue(cli.context, `Value of ${printableLine(name)}`);
  redactor.add(value);
  const record = await vault.set(name, value);
  if (cli.output.isJson) cli.output.json(describe(record));
  else cli.output.print(`${referenceTo(name)} is in ${shown}, version ${record.version}`);
  return exitCodes.OK;
}

const VALUE_IN_ARGUMENTS =
  'A value is not taken from the command line: the list of processes shows it, and the history of the shell keeps it. Pipe it in, or run hostler secrets set NAME and type it. What you typed now is known to both.';

export interface GetOptions {
  readonly name: string;
  readonly isRevealed: boolean;
  readonly flags: VaultFlags;
}

/** `hostler secrets get NAME`: that it is there; its value when it is asked for. */
export async function runSecretsGet(cli: Cli, { name, isRevealed, flags }: GetOptions): Promise<number> {
  const { vault } = await openVault(cli, flags);
  const record = (await vault.list()).find((one) => one.name === name);
  if (record === undefined) throw unknownName(name);
  if (isRevealed) printValue(cli, await vault.get(name).catch(refuseUnknown(name)), describe(record));
  else if (cli.output.isJson) cli.output.json(describe(record));
  else printRecords(cli, [record]);
  return exitCodes.OK;
}

/** `hostler secrets list`: names, versions and times. */
export async function runSecretsList(cli: Cli, flags: VaultFlags): Promise<number> {
  const { vault, shown } = await openVault(cli, flags);
  const records = await vault.list();
  if (cli.output.isJson) cli.output.json({ file: shown, secrets: records.map(describe) });
  else if (records.length === 0) cli.output.note(`No secrets in ${shown}.`);
  else printRecords(cli, records);
  return exitCodes.OK;
}

export async function runSecretsRemove(cli: Cli, name: string, flags: VaultFlags): Promise<number> {
  const { vault, shown } = await openVault(cli, flags);
  await vault.remove(name).catch(refuseUnknown(name));
  if (cli.output.isJson) cli.output.json({ removed: name });
  else cli.output.print(`${referenceTo(name)} is removed from ${shown}`);
  return exitCodes.OK;
}

/** `hostler secrets rekey`: another key for everything that is in the file. */
export async function runSecretsRekey(cli: Cli, flags: RekeyFlags): Promise<number> {
  const { vault, shown, keyReference } = await openVaultToRekey(cli, flags);
  const count = await vault.rekey();
  if (cli.output.isJson) cli.output.json({ file: shown, secrets: count });
  else {
    cli.output.print(`${count} ${count === 1 ? 'secret' : 'secrets'} of ${shown} encrypted with ${keyReference}`);
    cli.output.note('The old key opens the file no more: give hostler the new one before it is started again.');
  }
  return exitCodes.OK;
}

function printRecords({ output }: Cli, records: readonly VaultRecord[]): void {
  const lines = renderTable({
    columns: [{ title: 'SECRET', shrinks: true }, { title: 'VERSION', align: 'right' }, { title: 'WRITTEN' }],
    rows: records.map(({ name, version, updatedAt }) => [referenceTo(name), String(version), updatedAt.toISOString()]),
    width: output.width,
    paint: (cell, { row, column }) => {
      if (row === -1) return output.paint('dim', cell);
      return column === 0 ? output.paint('bold', cell) : cell;
    },
  });
  for (const line of lines) output.print(line);
}

function describe({ name, version, updatedAt }: VaultRecord) {
  return { name, reference: referenceTo(name), version, updatedAt: updatedAt.toISOString() };
}

function referenceTo(name: string): string {
  return `local://${printableLine(name)}`;
}

function refuseUnknown(name: string): (error: unknown) => never {
  return (error) => {
    throw isHostlerError(error) && error.code === secretErrors.NOT_FOUND.code ? unknownName(name) : error;
  };
}

function unknownName(name: string): Error {
  const hint = ' Those that there are: hostler secrets list';
  return cliErrors.NOT_FOUND({ details: { kind: 'secret', name: printableLine(name), hint } });
}
