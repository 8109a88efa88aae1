import { defineErrors } from '@hostler/kernel';

/** What the folders of a server have to say about a request. The folders themselves are named to nobody. */
export const rootsErrors = defineErrors('ROOTS', {
  OUTSIDE: {
    http: 403,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message: '"{argument}" is not a path inside the folders that the server "{server}" may use.',
  },
  ASKED_TOO_OFTEN: {
    http: 502,
    rpc: -32012,
    fault: 'upstream',
    retryable: false,
    message: 'The server asked for its folders more than {limit} times in a row.',
  },
});
