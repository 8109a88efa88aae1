import { authErrors } from '@hostler/auth';
import { clientPermissions, permissions } from '@hostler/config';
import type { Permission } from '@hostler/config';
import type { Consumer } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import { apiErrors } from './errors.ts';

/** Who may ask at a path: whoever has a permission, every consumer, or anyone at all. */
export type Access = Permission | 'consumers' | 'anyone';

/** What callers are allowed, by the plan in force. */
export interface Authorization {
  may(consumer: Consumer | undefined, permission: Permission): boolean;
  /**
   * @param consumer absent: nobody has asked who it is
   * @throws AUTH_MISSING, API_FORBIDDEN
   */
  require(consumer: Consumer | undefined, access: Access): void;
}

/** As it is written in a route that types have not seen. */
export function isAccess(value: unknown): value is Access {
  return value === 'consumers' || value === 'anyone' || permissions.some((permission) => permission === value);
}

export function createAuthorization(runtime: Pick<Runtime, 'plan' | 'anonymous'>): Authorization {
  function may(consumer: Consumer | undefined, permission: Permission): boolean {
    const { consumers } = runtime.plan;
    // A plan may have come into force since it was found out who asks: one that is not in it is nobody.
    if (consumers === undefined) return consumer?.name === runtime.anonymous.name;
    const spec = consumers.find(({ name }) => name === consumer?.name);
    if (spec === undefined) return false;
    return clientPermissions.includes(permission) || (spec.permissions ?? []).includes(permission);
  }

  return {
    may,
    require(consumer, access) {
      if (access === 'anyone') return;
      if (consumer === undefined) throw authErrors.MISSING();
      if (access !== 'consumers' && !may(consumer, access))
        throw apiErrors.FORBIDDEN({ details: { permission: access } });
    },
  };
}
