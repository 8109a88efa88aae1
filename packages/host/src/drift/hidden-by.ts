import type { DriftPolicy } from '@hostler/kernel';
import type { Drift } from '@hostler/router';

/** What a policy takes away because it is not as it was approved. */
export interface Hidden {
  /** Servers of which nothing is there. */
  readonly servers: ReadonlySet<string>;
  /** Everything that is taken away, as one text: the same for the same. */
  readonly signature: string;
}

/** @param groupOf the group that a server is a member of: any member may get a call, so that it stands for all of them */
export function hiddenBy(
  policy: DriftPolicy,
  drifts: readonly Drift[],
  groupOf: (server: string) => string | undefined,
): Hidden {
  const servers = new Set<string>();
  const parts = new Set<string>();
  for (const { grade, server, kind, key, members } of drifts) {
    const action = policy[grade];
    if (action === 'warn') continue;
    // Of a server that is another one, or that nobody has looked at, hiding itself is hiding all of it.
    const isWhole = action === 'quarantine' || (kind === undefined && grade !== 'wording');
    if (isWhole) {
      servers.add(server);
      const group = groupOf(server);
      if (group !== undefined) servers.add(group);
    } else parts.add(`${server} ${kind ?? ''} ${key ?? members.join(' ')}`);
  }
  return { servers, signature: [...servers, ...parts].sort().join('\n') };
}
