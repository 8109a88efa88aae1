import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listenForStop } from '@hostler/api/stop-signals';
import { followAudit, lastRecords } from '@hostler/audit';
import type { AuditFilter } from '@hostler/audit';
import type { Cli } from '../../cli.ts';
import { cliErrors } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';
import { filterFrom } from './filter.ts';
import type { FilterFlags } from './filter.ts';
import { printRecord } from './print-record.ts';
import { findRecord } from './record-path.ts';

export interface TailFlags extends FilterFlags {
  readonly follow?: boolean;
  readonly lines: string;
}

/** Milliseconds between two looks at the files. */
const PAUSE = 250;
const MOST_LINES = 10_000;

/** `hostler audit tail`: the newest records. */
export async function runAuditTail(cli: Cli, named: string | undefined, flags: TailFlags): Promise<number> {
  const count = /^\d{1,5}$/.test(flags.lines) ? Number(flags.lines) : Number.NaN;
  if (!(count <= MOST_LINES)) {
    throw cliErrors.USAGE({ details: { problem: `--lines takes a number from 0 to ${MOST_LINES}.` } });
  }
  const filter = filterFrom(flags, Date.now());
  const { path } = await findRecord(cli, named);
  const directory = (await stat(path)).isDirectory() ? path : dirname(path);
  const newest = count === 0 ? [] : await lastRecords(directory, filter, count);
  for (const one of newest) await printRecord(cli, one);
  return flags.follow === true ? follow(cli, directory, filter) : exitCodes.OK;
}

async function follow(cli: Cli, directory: string, filter: AuditFilter): Promise<number> {
  const requests = listenForStop(cli.context.signals);
  const { stop } = requests;
  const wait = (): Promise<boolean> => delay(PAUSE, true, { signal: stop }).catch(() => false);
  try {
    for await (const one of followAudit(directory, { filter, wait })) await printRecord(cli, one);
    return exitCodes.OK;
  } finally {
    requests.release();
  }
}
