import { defineErrors } from '@hostler/kernel';

const refused = { http: 502, rpc: -32010, fault: 'operator', retryable: false } as const;

/** Requests that the host sends to addresses it was told by others. None holds anything of an answer. */
export const networkErrors = defineErrors('NETWORK', {
  ADDRESS_REFUSED: {
    ...refused,
    message: '{host} is at no public address. If requests may go there, add it to outbound.allow.',
  },
  URL_REFUSED: { ...refused, message: 'An address that the host was told is not asked: {problem}.' },
  ANSWER_REFUSED: { ...refused, message: 'The answer of {host} is not read: {problem}.' },
});
