import type { GroupSpec } from '@hostler/kernel';
import type { CheckedConfig } from '../schema/config-file.ts';

/** Members that are disabled are left out, and so is a group of which nothing is left. */
export function toGroupSpecs({ groups, servers }: CheckedConfig): GroupSpec[] {
  return Object.entries(groups).flatMap(([name, { servers: names, strategy, weights }]) => {
    const members = names
      .filter((server) => servers[server] !== undefined && !servers[server].disabled)
      .map((server) => ({ server, weight: weights[server] ?? 1 }));
    return members.length === 0 ? [] : [{ name, members, strategy }];
  });
}
