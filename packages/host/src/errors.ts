import { defineErrors } from '@hostler/kernel';

/** One answer for what does not exist and what this consumer may not see. */
export const routeErrors = defineErrors('ROUTE', {
  NOT_FOUND: { http: 404, rpc: -32602, fault: 'caller', retryable: false, message: 'Unknown {kind}: {name}.' },
});

/** A consumer asks for more than it may. */
export const limitErrors = defineErrors('LIMIT', {
  EXCEEDED: { http: 429, rpc: -32015, fault: 'caller', retryable: true, message: 'Too many calls: at most {limit}.' },
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
