import { CSV_HEAD, searchAudit, toCsvRow } from '@hostler/audit';
import type { Cli } from '../../cli.ts';
import { exitCodes } from '../../exit-codes.ts';
import { filterFrom } from './filter.ts';
import type { FilterFlags } from './filter.ts';
import { writeLine } from './print-record.ts';
import { findRecord } from './record-path.ts';

export interface ExportFlags extends FilterFlags {
  readonly format: 'jsonl' | 'csv';
}

/** `hostler audit export`: records for other programs. */
export async function runAuditExport(cli: Cli, named: string | undefined, flags: ExportFlags): Promise<number> {
  const filter = filterFrom(flags, Date.now());
  const { path } = await findRecord(cli, named);
  const { stdout } = cli.context;
  const isTable = flags.format === 'csv';
  if (isTable) await writeLine(stdout, CSV_HEAD);
  for await (const { record, line } of searchAudit(path, filter)) {
    await writeLine(stdout, isTable ? toCsvRow(record) : line);
  }
  return exitCodes.OK;
}
