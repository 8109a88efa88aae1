import type { Notification } from '@hostler/kernel';
import { changingLists } from '@hostler/protocol';
import type { UpstreamState } from '../pool.ts';

/** For a connection whose state nobody sees: its lists are taken for changed whenever it comes back. */
export function tellOfRestarts(
  onNotification: (notification: Notification) => void,
): (state: Pick<UpstreamState, 'server' | 'restarts'>) => void {
  let told = 0;
  return ({ server, restarts }) => {
    if (server === undefined || restarts === told) return;
    told = restarts;
    for (const { method } of changingLists(server)) onNotification({ method });
  };
}
