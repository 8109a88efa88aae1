import { defineErrors } from '@hostler/kernel';

const elsewhere = { http: 502, rpc: -32012, fault: 'upstream', retryable: false } as const;
const refused = { http: 403, rpc: -32600, fault: 'caller', retryable: false } as const;

/** Everything that can go wrong while a token for a server is obtained. Nothing holds a word of the other side. */
export const oauthErrors = defineErrors('OAUTH', {
  CONSENT_REQUIRED: {
    ...refused,
    message: 'The server "{server}" wants you to agree first: open {url} in a browser, then call again.',
  },
  CONSENT_DENIED: { ...refused, message: 'The use of the server "{server}" was not agreed to.' },
  CONSENT_UNKNOWN: {
    ...refused,
    http: 404,
    message: 'This consent is not asked for: it was given already, or took too long, or the host was started anew.',
  },
  CONSENT_FOREIGN: { ...refused, message: 'This consent was begun in another browser.' },
  CONSENT_CROWDED: {
    http: 503,
    rpc: -32016,
    fault: 'operator',
    retryable: true,
    message: 'Too many consents are being asked for: try again later.',
  },
  GRANT_UNKNOWN: { ...refused, http: 404, message: 'Nobody has agreed to this.' },
  USER_MISSING: {
    ...refused,
    http: 503,
    fault: 'operator',
    message: 'The server "{server}" is used with the tokens of each user, and there is no user here.',
  },
  SUBJECT_MISSING: {
    ...refused,
    message: 'The server "{server}" wants a token that yours is exchanged for, and you have shown none.',
  },
  ADDRESS_MISSING: {
    ...elsewhere,
    http: 503,
    fault: 'operator',
    message:
      'The server "{server}" wants a consent, and this host has no address that browsers reach: set auth.resource.',
  },
  CLIENT_UNKNOWN: {
    ...elsewhere,
    fault: 'operator',
    message:
      'The authorization server of "{server}" lets nobody introduce themselves: register the host there and set clientId.',
  },
  METADATA_INVALID: {
    ...elsewhere,
    message: 'What the server "{server}" or its authorization server says about itself cannot be used: {problem}.',
  },
  REFUSED: { ...elsewhere, message: 'The authorization server of "{server}" gave no token: {problem}.' },
  UNAVAILABLE: {
    ...elsewhere,
    http: 503,
    rpc: -32010,
    retryable: true,
    message: 'The authorization server of "{server}" cannot be asked at the moment: {problem}.',
  },
});
