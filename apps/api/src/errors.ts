import { defineErrors } from '@hostler/kernel';

/** What the HTTP server itself answers, and why it refuses to start. */
export const apiErrors = defineErrors('API', {
  NOT_FOUND: {
    http: 404,
    rpc: -32601,
    fault: 'caller',
    retryable: false,
    message:
      'There is nothing at this path. MCP clients connect to /mcp, or to /servers/NAME/mcp for one server; /v1/openapi.json describes the rest.',
  },
  METHOD_NOT_ALLOWED: {
    http: 405,
    rpc: -32600,
    fault: 'caller',
    retryable: false,
    message: 'This path answers {allowed} only.',
  },
  REQUEST_INVALID: {
    http: 400,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message: 'The request has problems; see "problems".',
  },
  REFUSED_BY_SERVER: {
    http: 400,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message: 'The server refused the request; "error" is what it said.',
  },
  FAILED_AT_SERVER: {
    http: 502,
    rpc: -32603,
    fault: 'upstream',
    retryable: false,
    message: 'The server answered with an error; "error" is what it said.',
  },
  UNFINISHED: {
    http: 409,
    rpc: -32603,
    fault: 'caller',
    retryable: false,
    message: 'The server wants to ask its user something, or to go on later, which only clients of MCP can follow.',
  },
  FORBIDDEN: {
    http: 403,
    rpc: -32600,
    fault: 'caller',
    retryable: false,
    message:
      'This needs the permission {permission}, which no role of this consumer has. The operator gives it one with `roles`.',
  },
  CHANGES_DISABLED: {
    http: 403,
    rpc: -32600,
    fault: 'caller',
    retryable: false,
    message: 'Changes over REST are off. The operator turns them on with api.{section}.enabled: true.',
  },
  SERVER_REFUSED: {
    http: 403,
    rpc: -32600,
    fault: 'caller',
    retryable: false,
    message: 'The operator does not allow such a server; see "problems".',
  },
  RELOAD_REFUSED: {
    http: 422,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The configuration file was not taken over, and the one before it stays in force: {reason}',
  },
  INTERNAL: { http: 500, rpc: -32603, fault: 'bug', retryable: false, message: 'Internal error.' },
  OPEN_BIND: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message:
      'Refusing to listen on {host}: other machines could reach it, and every caller would be let in, because no consumer is configured. Say under `consumers` who may call, or listen on 127.0.0.1.',
  },
  HOSTS_MISSING: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message:
      'Listening on {host} needs `listen.allowedHosts`: the host names under which clients reach it, such as mcp.example.com. Requests for any other are refused.',
  },
  CLOSED: {
    http: 403,
    rpc: -32600,
    fault: 'operator',
    retryable: false,
    message:
      'Nobody is let in: other machines can reach this address, and the configuration has no consumers any more. The operator says under `consumers` who may call.',
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
  SOCKET_IN_USE: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: true,
    message: 'Another program listens on the socket {path}. Choose another path.',
  },
  SOCKET_UNUSABLE: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'Cannot listen on the socket {path}: {reason}.',
  },
  WORKERS_UNSUPPORTED: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'With {workers} workers this configuration cannot be used: {reason}. Use one process (listen.workers: 1).',
  },
  ADDRESS_UNAVAILABLE: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'This machine has no address {host}. Listen on 127.0.0.1.',
  },
});
