import { defineErrors } from '@hostler/kernel';

/** Every failure of this package is the operator's to repair, before a port is open. */
export const configErrors = defineErrors('CONFIG', {
  NOT_FOUND: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'There is no configuration file at this path',
  },
  UNREADABLE: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The configuration file cannot be read: {reason}',
  },
  INVALID: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The configuration has problems: {count}',
  },
  NOT_EDITABLE: {
    http: 409,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The configuration file cannot be changed by a program: {reason}',
  },
});
