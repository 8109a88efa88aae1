import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { HostPlan } from '@hostler/config';
import type { Cli } from '../../cli.ts';
import { cliErrors } from '../../errors.ts';
import { loadPlan } from '../../load-plan.ts';

/** Where a record is. */
export interface RecordPlace {
  /** Absolute. */
  readonly path: string;
  /** Of the configuration that it was found by. */
  readonly plan?: HostPlan;
}

/** The record that is named, else that of the configuration. @throws CLI_USAGE, CLI_NOT_FOUND, CLI_NO_CONFIG, CONFIG_* */
export async function findRecord(cli: Cli, named: string | undefined): Promise<RecordPlace> {
  if (named !== undefined) {
    const path = resolve(cli.context.workingDirectory, named);
    await requireThere(path, named);
    return { path };
  }
  const { plan } = await loadPlan(cli);
  const file = plan.audit?.sinks.find((sink) => sink.type === 'file');
  if (file === undefined) throw cliErrors.USAGE({ details: { problem: NO_FILE } });
  await requireThere(file.directory, file.directory);
  return { path: file.directory, plan };
}

const NO_FILE =
  'The configuration keeps no record in files. Add "audit: { sinks: [{ type: file, directory: audit }] }", or name a folder.';

async function requireThere(path: string, name: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (!isThere) throw cliErrors.NOT_FOUND({ details: { kind: 'record', name, hint: ' Nothing was recorded yet.' } });
}
