import { createHash } from 'node:crypto';
import type { GroupMember, GroupSpec } from '@hostler/kernel';

export interface SelectionOptions {
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
}

/** Decides which member of a group gets a call. */
export interface Selection {
  /**
   * The candidates, best first: the one to call, then those to fall back to. `stickyKey` says who calls: a session, or a
   * consumer without one.
   */
  order(group: GroupSpec, candidates: readonly GroupMember[], stickyKey: string): readonly GroupMember[];
}

export function createSelection({ random }: SelectionOptions): Selection {
  const turns = new WeakMap<GroupSpec, number>();

  function takeTurn(group: GroupSpec): number {
    const turn = turns.get(group) ?? 0;
    turns.set(group, (turn + 1) % Number.MAX_SAFE_INTEGER);
    return turn;
  }

  return {
    order(group, candidates, stickyKey) {
      switch (group.strategy) {
        case 'priority':
          return candidates;
        case 'round-robin':
          return rotate(candidates, takeTurn(group));
        case 'weighted':
          return rank(candidates, () => random());
        case 'sticky':
          return rank(candidates, ({ server }) => fractionOf(`${group.name}\0${server}\0${stickyKey}`));
      }
    },
  };
}

function rotate(members: readonly GroupMember[], turn: number): readonly GroupMember[] {
  if (members.length === 0) return members;
  const start = turn % members.length;
  return [...members.slice(start), ...members.slice(0, start)];
}

/**
 * Weighted order without replacement: each member draws `u ** (1 / weight)` and the largest comes first. With a draw that
 * depends on the caller alone it is rendezvous hashing: a member that goes takes only its own callers with it.
 * Source: Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006.
 */
function rank(members: readonly GroupMember[], draw: (member: GroupMember) => number): readonly GroupMember[] {
  return members
    .map((member) => ({ member, key: draw(member) ** (1 / member.weight) }))
    .sort((one, other) => other.key - one.key)
    .map(({ member }) => member);
}

/** From 0 to 1, evenly spread over all texts. */
function fractionOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
