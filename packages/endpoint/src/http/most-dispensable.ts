import type { Consumer } from '@hostler/kernel';
import type { Session } from '../core/session.ts';

type Held = Pick<Session, 'caller' | 'isIdle' | 'lastUsed'>;

/**
 * The session that gives way to a new one: the longest idle one of whoever has the most of those that are idle. Nobody
 * loses one to somebody who has more, nor to somebody who has as many; without such a session there is none.
 * @param consumer who wants the new one
 * @param ownerOf who a session is counted for
 */
export function mostDispensable<Kept extends Held>(
  sessions: Iterable<Kept>,
  consumer: Consumer,
  ownerOf: (consumer: Consumer) => string,
): Kept | undefined {
  const owners = Map.groupBy(sessions, ({ caller }) => ownerOf(caller.consumer));
  const own = owners.get(ownerOf(consumer)) ?? [];
  let chosen: { readonly count: number; readonly idle: Kept } | undefined;
  for (const held of owners.values()) {
    const { length: count } = held;
    if (held !== own && count <= own.length) continue;
    const idle = longestIdle(held);
    if (idle === undefined || (chosen !== undefined && count < chosen.count)) continue;
    if (chosen === undefined || count > chosen.count || idle.lastUsed < chosen.idle.lastUsed) chosen = { count, idle };
  }
  return chosen?.idle;
}

function longestIdle<Kept extends Held>(sessions: readonly Kept[]): Kept | undefined {
  let longest: Kept | undefined;
  for (const session of sessions) {
    if (session.isIdle && (longest === undefined || session.lastUsed < longest.lastUsed)) longest = session;
  }
  return longest;
}
