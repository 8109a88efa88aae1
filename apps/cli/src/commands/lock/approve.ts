import type { ApproveOptions } from '@hostler/runtime';
import type { Cli } from '../../cli.ts';
import { cliErrors } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';
import { shownPath } from '../../problems.ts';
import { driftLines } from './drift-lines.ts';
import { withLock } from './with-lock.ts';

/** `hostler lock approve`: writes what the servers are now into the lockfile. @throws CLI_USAGE, LOCK_* */
export function runLockApprove(cli: Cli, names: readonly string[], all: boolean): Promise<number> {
  if (all === names.length > 0) {
    const problem = 'Name what to approve, such as github or github/create_issue, or give --all.';
    throw cliErrors.USAGE({ details: { problem } });
  }
  return approve(cli, all ? { all } : { names });
}

/** `hostler lock init`: the first lockfile. @throws CLI_USAGE where there is one, LOCK_* */
export function runLockInit(cli: Cli): Promise<number> {
  return approve(cli, { all: true }, 'init');
}

function approve(cli: Cli, options: ApproveOptions, mode?: 'init'): Promise<number> {
  const { output, context } = cli;
  return withLock(cli, async ({ lock, isWhole }) => {
    if (mode === 'init' && lock.exists()) {
      const problem =
        'There is a lockfile already. hostler lock diff shows what has changed since, hostler lock approve takes it over.';
      throw cliErrors.USAGE({ details: { problem } });
    }
    const { file, approved, left } = await lock.approve(options);
    if (output.isJson) output.json({ file, approved, left });
    else {
      // What stands there for the first time is everything.
      if (mode === undefined) for (const line of driftLines(approved, output.paint)) output.print(line);
      const shown = shownPath(file, context.workingDirectory);
      output.note(
        `${shown}: ${count(approved.length)} approved${left.length > 0 ? `, ${count(left.length)} left` : ''}`,
      );
    }
    return isWhole ? exitCodes.OK : exitCodes.SERVER_DOWN;
  });
}

function count(number: number): string {
  return `${number} difference${number === 1 ? '' : 's'}`;
}
