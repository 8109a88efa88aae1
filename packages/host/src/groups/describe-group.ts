import type { Era, GroupSpec } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import { hostInfo } from '@hostler/upstream';
import type { UpstreamState } from '@hostler/upstream';
import { describeAll } from '../describe-all.ts';

/** The group as one server: what any of its members can do, but for tasks, which belong to one member each. */
export function describeGroup(group: GroupSpec, states: readonly UpstreamState[], era: Era): ServerDescription {
  const members = membersOf(group, states);
  const described = describeAll(members, era);
  const { tasks: _, extensions: __, ...capabilities } = described.capabilities;
  return { ...described, info: { ...hostInfo, name: group.name }, capabilities };
}

/** It stands where its best member stands. */
export function stateOfGroup(group: GroupSpec, states: readonly UpstreamState[]): UpstreamState {
  const members = membersOf(group, states);
  const best = STANDINGS.map((fits) => members.find(fits)).find((found) => found !== undefined);
  const restarts = members.reduce((sum, member) => sum + member.restarts, 0);
  const common = { name: group.name, required: false, restarts };
  if (best === undefined)
    return { ...common, status: 'down', phase: 'closed', problem: 'None of its members is here.' };
  const { status, phase, problem, problemCode, server } = best;
  return {
    ...common,
    status,
    phase,
    ...(server && { server: describeGroup(group, states, server.era) }),
    ...(problem !== undefined && { problem }),
    ...(problemCode !== undefined && { problemCode }),
  };
}

const STANDINGS: readonly ((state: UpstreamState) => boolean)[] = [
  ({ status, phase }) => status === 'up' && phase !== 'degraded',
  ({ status }) => status === 'up',
  ({ status }) => status === 'starting',
  () => true,
];

function membersOf({ members }: GroupSpec, states: readonly UpstreamState[]): readonly UpstreamState[] {
  return members.flatMap(({ server }) => states.find(({ name }) => name === server) ?? []);
}
