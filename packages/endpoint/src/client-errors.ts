import { defineErrors } from '@hostler/kernel';

/** When the client itself is the limit: it went away, gave up, or cannot answer what a server asks. */
export const clientErrors = defineErrors('CLIENT', {
  CANNOT_BE_ASKED: {
    http: 400,
    rpc: -32601,
    fault: 'caller',
    retryable: false,
    message: 'The client cannot be asked {method}: {reason}.',
  },
  DID_NOT_ANSWER: {
    http: 504,
    rpc: -32011,
    fault: 'caller',
    retryable: false,
    message: 'The client did not answer {method} in time.',
  },
  DID_NOT_COME_BACK: {
    http: 504,
    rpc: -32011,
    fault: 'caller',
    retryable: false,
    message: 'The client did not come back with the input in time.',
  },
  CANCELLED: {
    http: 499,
    rpc: -32600,
    fault: 'caller',
    retryable: false,
    message: 'The client cancelled the request.',
  },
  GONE: { http: 499, rpc: -32600, fault: 'caller', retryable: false, message: 'The client is gone.' },
  SESSION_ENDED: { http: 404, rpc: -32600, fault: 'caller', retryable: false, message: 'The session has ended.' },
});
