import { searchAudit } from '@hostler/audit';
import type { Cli } from '../../cli.ts';
import { exitCodes } from '../../exit-codes.ts';
import { filterFrom } from './filter.ts';
import type { FilterFlags } from './filter.ts';
import { printRecord } from './print-record.ts';
import { findRecord } from './record-path.ts';

/** `hostler audit search`: what was done. */
export async function runAuditSearch(cli: Cli, named: string | undefined, flags: FilterFlags): Promise<number> {
  const filter = filterFrom(flags, Date.now());
  const { path } = await findRecord(cli, named);
  let found = 0;
  for await (const one of searchAudit(path, filter)) {
    found += 1;
    await printRecord(cli, one);
  }
  if (found === 0) cli.output.note('No record fits.');
  return found === 0 ? exitCodes.NOT_FOUND : exitCodes.OK;
}
