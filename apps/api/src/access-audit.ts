import type { RequestHead } from '@hostler/endpoint';
import { isHostlerError } from '@hostler/kernel';
import type { Consumer } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import type { Authorization } from './access.ts';
import type { ClientAddress } from './client-address.ts';
import { mcpRouteOf } from './mcp-route.ts';

export interface AccessAuditOptions {
  readonly runtime: Pick<Runtime, 'audit'>;
  readonly clientAddress: Pick<ClientAddress, 'of'>;
}

/** Writes down who could not prove to be anybody. */
export function createAccessAudit({ runtime: { audit }, clientAddress }: AccessAuditOptions) {
  return (request: RequestHead, thrown: unknown): void => {
    if (audit === undefined || !isHostlerError(thrown)) return;
    const face = mcpRouteOf(request.url ?? '')?.face;
    const entry = face === undefined ? 'rest' : face === 'ws' ? 'ws' : 'mcp';
    audit.access({ code: thrown.code, address: clientAddress.of(request), entry });
  };
}

/** The same of those who are known and may not what they want. */
export function recordRefusals(authorization: Authorization, { audit }: Pick<Runtime, 'audit'>): Authorization {
  if (audit === undefined) return authorization;
  return {
    may: (consumer, permission) => authorization.may(consumer, permission),
    require(consumer: Consumer | undefined, access) {
      try {
        authorization.require(consumer, access);
      } catch (thrown) {
        if (consumer !== undefined && isHostlerError(thrown)) {
          audit.denied({ code: thrown.code, consumer, entry: 'rest', permission: access });
        }
        throw thrown;
      }
    },
  };
}
