import { defineErrors } from '@hostler/kernel';

/** Whoever cannot prove who they are learns no more than the kind of the problem: never which part of it was wrong. */
const unproven = { http: 401, rpc: -32600, fault: 'caller', retryable: false } as const;

const misconfigured = { http: 500, rpc: -32603, fault: 'operator', retryable: false } as const;

/** Everything that can go wrong while it is found out who is calling. Neither messages nor details hold a credential. */
export const authErrors = defineErrors('AUTH', {
  MISSING: { ...unproven, message: 'This host wants to know who is calling: send a key or a token.' },
  INVALID: { ...unproven, message: 'The key or token is not valid here.' },
  EXPIRED: { ...unproven, message: 'The key, token or certificate has expired.' },
  FORBIDDEN: {
    http: 403,
    rpc: -32600,
    fault: 'caller',
    retryable: false,
    message: 'The token is valid, but it belongs to no consumer of this host.',
  },
  SCOPE_MISSING: {
    http: 403,
    rpc: -32600,
    fault: 'caller',
    retryable: false,
    message: 'The token is valid, but this host wants one with the scopes {scope}.',
  },
  UNAVAILABLE: {
    http: 503,
    rpc: -32603,
    fault: 'operator',
    retryable: true,
    message: 'It cannot be found out at the moment who is calling: try again.',
  },
  KEY_SHARED: {
    ...misconfigured,
    message: 'The same key is configured for the consumers {consumers}: it has to be the key of one.',
  },
  ISSUER_INVALID: { ...misconfigured, message: 'The issuer {name} cannot be used: {problem}' },
});
