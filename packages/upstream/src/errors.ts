import { defineErrors } from '@hostler/kernel';

/** What can go wrong with a server behind the host. `mayHaveRun` tells whether the call may have taken effect. */
export const upstreamErrors = defineErrors('UPSTREAM', {
  UNAVAILABLE: {
    http: 503,
    rpc: -32010,
    fault: 'upstream',
    retryable: true,
    message: 'The server "{server}" is not available.',
  },
  TIMEOUT: {
    http: 504,
    rpc: -32011,
    fault: 'upstream',
    retryable: false,
    message: 'The server "{server}" did not answer in time.',
  },
  PROTOCOL: {
    http: 502,
    rpc: -32012,
    fault: 'upstream',
    retryable: false,
    message: 'The server "{server}" gave an answer that is not valid MCP.',
  },
  RESULT_TOO_LARGE: {
    http: 502,
    rpc: -32018,
    fault: 'upstream',
    retryable: false,
    message: 'The answer of the server "{server}" is larger than {limit} bytes.',
  },
  OVERLOADED: {
    http: 503,
    rpc: -32016,
    fault: 'operator',
    retryable: true,
    message: 'The server "{server}" has too much to do: {limit}.',
  },
});
