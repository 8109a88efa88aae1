import { defineErrors } from '@hostler/kernel';

/**
 * What a peer can get wrong on the wire. Codes -32700 … -32602: JSON-RPC 2.0 section 5.1; -32020 … -32022: MCP
 * specification 2026-07-28, basic.
 */
export const protocolErrors = defineErrors('PROTOCOL', {
  PARSE: { http: 400, rpc: -32700, fault: 'caller', retryable: false, message: 'The body is not valid JSON.' },
  INVALID_REQUEST: {
    http: 400,
    rpc: -32600,
    fault: 'caller',
    retryable: false,
    message: 'Not a valid JSON-RPC message: {problem}.',
  },
  METHOD_NOT_FOUND: {
    http: 404,
    rpc: -32601,
    fault: 'caller',
    retryable: false,
    message: 'Method not found: {method}.',
  },
  INVALID_PARAMS: { http: 400, rpc: -32602, fault: 'caller', retryable: false, message: 'Invalid params: {problem}.' },
  HEADER_MISMATCH: {
    http: 400,
    rpc: -32020,
    fault: 'caller',
    retryable: false,
    message: 'The headers and the body disagree: {problem}.',
  },
  UNSUPPORTED_VERSION: {
    http: 400,
    rpc: -32022,
    fault: 'caller',
    retryable: false,
    message: 'Unsupported protocol version: {requested}.',
  },
  BAD_RESULT: {
    http: 502,
    rpc: -32012,
    fault: 'upstream',
    retryable: false,
    message: 'The server gave a result that is not valid MCP.',
  },
  STATE_REFUSED: {
    http: 400,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message:
      'This requestState is not accepted: it was not given out for this request, was used before, or is too old. Look ' +
      'whether the first request took effect, then send it anew, without requestState and inputResponses.',
  },
  STATE_TOO_LARGE: {
    http: 502,
    rpc: -32018,
    fault: 'upstream',
    retryable: false,
    message: 'The server asks for input with a requestState of more than {limit} bytes.',
  },
  INTERNAL: { http: 500, rpc: -32603, fault: 'bug', retryable: false, message: 'Internal error.' },
});
