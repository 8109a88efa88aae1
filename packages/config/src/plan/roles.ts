import { permissions } from '../permission.ts';
import type { Permission } from '../permission.ts';
import type { CheckedConfig } from '../schema/config-file.ts';

/** The roles that are there without a word, each with its patterns. */
export const builtInRoles: ReadonlyMap<string, readonly string[]> = new Map([
  ['viewer', ['*:read']],
  [
    'operator',
    [
      '*:read',
      'servers:restart',
      'servers:enable',
      'servers:disable',
      'config:reload',
      'secrets:rotate',
      'log:write',
      'grants:revoke',
    ],
  ],
  ['admin', ['*:*']],
]);

/** Every permission that a pattern such as `servers:*` or `*:read` stands for. */
export function permissionsOf(pattern: string): readonly Permission[] {
  const [resource, action] = pattern.split(':');
  return permissions.filter((permission) => {
    const [known, does] = permission.split(':');
    return (resource === '*' || resource === known) && (action === '*' || action === does);
  });
}

/** What some roles allow together; nothing for one that is not there. */
export function permissionsOfRoles(names: readonly string[], roles: CheckedConfig['roles']): readonly Permission[] {
  const own = new Map(Object.entries(roles));
  const patterns = names.flatMap((name) => builtInRoles.get(name) ?? own.get(name) ?? []);
  const allowed = new Set(patterns.flatMap(permissionsOf));
  return permissions.filter((permission) => allowed.has(permission));
}
