import type { Runtime } from '@hostler/runtime';
import type { Check } from './check.ts';

/** Names that are shown of each server. */
const MOST_SHOWN = 5;

/** In what the servers are not as they were approved. */
export function checkLock(lock: Pick<Runtime['lock'], 'file' | 'exists' | 'drift'>): Check[] {
  if (lock.file === undefined) return [];
  if (!lock.exists()) {
    const mend = 'hostler lock init writes it; until then nothing counts as approved.';
    return [{ name: 'lockfile', status: 'warning', message: 'there is none yet', mend }];
  }
  const servers = Map.groupBy(lock.drift(), ({ server }) => server);
  if (servers.size === 0) return [{ name: 'lockfile', status: 'ok', message: 'every server is as it was approved' }];
  return [...servers].map(([server, own]) => {
    const named = own.slice(0, MOST_SHOWN).map(({ grade, key, members }) => {
      return `${grade} of ${key === undefined ? members.join(', ') : JSON.stringify(key)}`;
    });
    const left = own.length - named.length;
    const more = left > 0 ? `, and ${left} more` : '';
    return {
      name: `lock of ${server}`,
      status: 'warning',
      message: `it is not as it was approved: ${named.join(', ')}${more}`,
      mend: `hostler lock diff shows it, hostler lock approve ${server} approves it.`,
    };
  });
}
