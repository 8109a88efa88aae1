import type { Cli } from '../../cli.ts';
import { exitCodes } from '../../exit-codes.ts';
import { driftLines } from './drift-lines.ts';
import { withLock } from './with-lock.ts';

/** As of diff(1): there is a difference. */
const DIFFERS = 1;

/** `hostler lock diff`: in what the servers are not as they were approved. */
export function runLockDiff(cli: Cli): Promise<number> {
  const { output } = cli;
  return withLock(cli, async ({ lock, isWhole }) => {
    const drifts = await lock.compare();
    if (output.isJson) output.json({ ok: drifts.length === 0 && isWhole, file: lock.file, drift: drifts });
    else for (const line of driftLines(drifts, output.paint)) output.print(line);
    if (!lock.exists()) output.warn('There is no lockfile yet: hostler lock init writes it.');
    if (drifts.length > 0) return DIFFERS;
    if (isWhole && !output.isJson) output.note('Everything is as it was approved.');
    return isWhole ? exitCodes.OK : exitCodes.SERVER_DOWN;
  });
}
