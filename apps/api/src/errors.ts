import { defineErrors } from '@hostler/kernel';

/** What the HTTP server itself answers, and why it refuses to start. */
export const apiErrors = defineErrors('API', {
  NOT_FOUND: {
    http: 404,
    rpc: -32601,
    fault: 'caller',
    retryable: false,
    message: 'There is nothing at this path. MCP clients connect to /mcp, or to /servers/NAME/mcp for one server.',
  },
  METHOD_NOT_ALLOWED: {
    http: 405,
    rpc: -32600,
    fault: 'caller',
    retryable: false,
    message: 'This path answers {allowed} only.',
  },
  INTERNAL: { http: 500, rpc: -32603, fault: 'bug', retryable: false, message: 'Internal error.' },
  OPEN_BIND: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message:
      'Refusing to listen on {host}: other machines could reach it, and every caller would be let in, because no consumer is configured. Listen on 127.0.0.1 and put a proxy that authenticates in front of it.',
  },
  PORT_IN_USE: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: true,
    message: 'Port {port} on {host} is taken by another program. Choose another port; 0 takes a free one.',
  },
  PORT_DENIED: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'This user may not listen on port {port}. Choose a port from 1024 up; 0 takes a free one.',
  },
  ADDRESS_UNAVAILABLE: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'This machine has no address {host}. Listen on 127.0.0.1.',
  },
});
