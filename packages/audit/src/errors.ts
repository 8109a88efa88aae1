import { defineErrors } from '@hostler/kernel';

export const auditErrors = defineErrors('AUDIT', {
  UNAVAILABLE: {
    http: 503,
    rpc: -32019,
    fault: 'operator',
    retryable: true,
    message: 'The record of calls cannot be written at the moment, and without it nothing is done.',
  },
  DIRECTORY: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The folder of the audit record cannot be used: {reason}',
  },
  KEY: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The key of the audit record cannot be used: {problem}',
  },
});
