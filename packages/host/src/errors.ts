import { defineErrors } from '@hostler/kernel';
import type { Scope } from '@hostler/kernel';

/** One answer for what does not exist and what this consumer may not see. */
export const routeErrors = defineErrors('ROUTE', {
  NOT_FOUND: { http: 404, rpc: -32602, fault: 'caller', retryable: false, message: 'Unknown {kind}: {name}.' },
});

/** What is addressed does not exist, or this consumer may not see it. */
export function noSuchScope(scope: Scope): Error {
  const details =
    scope.kind === 'server' ? { kind: 'server', name: scope.name } : { kind: 'bundle', name: scope.bundle };
  return routeErrors.NOT_FOUND({ details: { ...details, name: details.name ?? '' } });
}

/** A consumer asks for more than it may. */
export const limitErrors = defineErrors('LIMIT', {
  EXCEEDED: { http: 429, rpc: -32015, fault: 'caller', retryable: true, message: 'Too many calls: at most {limit}.' },
  STORE_AWAY: {
    http: 503,
    rpc: -32016,
    fault: 'operator',
    retryable: true,
    message: 'Calls cannot be counted at the moment, and are refused until they can.',
  },
});

export const subscriptionErrors = defineErrors('SUBSCRIPTION', {
  TOO_MANY: {
    http: 429,
    rpc: -32015,
    fault: 'caller',
    retryable: false,
    message: 'At most {limit} resources can be subscribed to at a time.',
  },
});
