import { defineErrors } from '@hostler/kernel';

export const taskErrors = defineErrors('TASK', {
  /** One answer for an id that is foreign, altered or never was. Source: the tasks extension, protocol errors. */
  UNKNOWN: { http: 404, rpc: -32602, fault: 'caller', retryable: false, message: 'Task not found.' },
  /** Source: the tasks extension, protocol errors; MCP 2026-07-28, basic. */
  NOT_DECLARED: {
    http: 400,
    rpc: -32021,
    fault: 'caller',
    retryable: false,
    message: 'This request needs a client that declares the extension "io.modelcontextprotocol/tasks".',
  },
});
