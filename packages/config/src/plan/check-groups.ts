import { nearest } from '../nearest.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';

/**
 * A group stands where its members stood, so each name means one thing and each server is in one group.
 * `names` are those of all servers that are written: one that is broken is there all the same.
 */
export function checkGroups({ groups }: CheckedConfig, names: readonly string[], problems: ProblemList): void {
  const groupOf = new Map<string, string>();
  for (const [name, group] of Object.entries(groups)) {
    const path = ['groups', name];
    if (names.includes(name)) {
      problems.add(path, 'is the name of a server too', { hint: 'give the group a name of its own', part: 'key' });
    }
    for (const [index, member] of group.servers.entries()) {
      const other = groupOf.get(member);
      if (!names.includes(member)) {
        const known = nearest(member, names);
        const hint = known === undefined ? 'name one of the servers above' : `did you mean "${known}"?`;
        problems.add([...path, 'servers', index], `there is no server "${member}"`, { hint });
      } else if (other !== undefined) {
        problems.add([...path, 'servers', index], `"${member}" is in group "${other}" already`);
      }
      groupOf.set(member, name);
    }
    for (const member of Object.keys(group.weights)) {
      if (group.servers.includes(member)) continue;
      problems.add([...path, 'weights', member], `"${member}" is not among the servers of the group`, { part: 'key' });
    }
  }
}
