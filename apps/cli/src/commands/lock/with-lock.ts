import type { Lock } from '@hostler/runtime';
import type { Cli } from '../../cli.ts';
import { problemOf, withHost } from '../../host-session.ts';

export interface LockSession {
  readonly lock: Lock;
  /** Whether every server is up, so that everything is compared. */
  readonly isWhole: boolean;
}

/** Starts the servers, and says of which ones nothing can be said. @throws LOCK_* */
export async function withLock<Result>(cli: Cli, work: (session: LockSession) => Promise<Result>): Promise<Result> {
  return withHost(cli, {}, async ({ runtime: { lock }, states }) => {
    const missing = states.filter(({ status }) => status !== 'up');
    for (const state of missing) {
      cli.output.warn(`${cli.output.paintNote('yellow', 'not compared')} ${state.name}: ${problemOf(state)}`);
    }
    return work({ lock, isWhole: missing.length === 0 });
  });
}
