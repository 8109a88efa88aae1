import { defineErrors } from '@hostler/kernel';

/** A user has to agree to what the host shall do for it at a server. */
export const consentErrors = defineErrors('CONSENT', {
  // Source: MCP 2025-11-25, client/elicitation, "URL elicitation required": the pages are in `data.elicitations`.
  REQUIRED: {
    http: 403,
    rpc: -32042,
    fault: 'caller',
    retryable: true,
    message: 'Sign in to "{server}" first: open the page that is named here, and send the request again.',
  },
  // Source: MCP 2026-07-28, basic, missing client capabilities.
  NOT_ASKED: {
    http: 403,
    rpc: -32021,
    fault: 'caller',
    retryable: true,
    message: 'Sign in to "{server}" first: this client cannot be sent to a page, so open the one that is named here.',
  },
  REFUSED: {
    http: 403,
    rpc: -32013,
    fault: 'caller',
    retryable: true,
    message: 'The server "{server}" cannot be used before its user has signed in, and the user did not want to.',
  },
});
