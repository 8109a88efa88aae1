import { defineErrors, HostlerError, isHostlerError } from '@hostler/kernel';
import type { SecretRef } from './secret-ref.ts';

/** A server whose secret cannot be had is blocked, whatever the reason: one status for all of them. */
const blocked = { http: 503, rpc: -32017, fault: 'operator' } as const;

/** What is said of a problem whose thrower does not name it. */
const UNNAMED = {
  SECRET_ACCESS_DENIED: 'grant this host read access to it.',
  SECRET_DISABLED: 'is disabled',
  SECRET_UNAVAILABLE: 'its backend cannot be reached or does not work',
} as const;

/**
 * Everything that can go wrong with a secret. Messages hold the reference, never a value.
 * A provider throws `NOT_FOUND`, `ACCESS_DENIED`, `DISABLED` or `UNAVAILABLE`: the resolver adds the reference. It may
 * say more in `details.problem`, in its own words and never in those of the backend: which permission to grant
 * (`ACCESS_DENIED`, a sentence), `is destroyed` (`DISABLED`), `its checksum is wrong` (`UNAVAILABLE`).
 */
export const secretErrors = defineErrors('SECRET', {
  NOT_FOUND: { ...blocked, retryable: false, message: 'Secret {reference} does not exist.' },
  ACCESS_DENIED: {
    ...blocked,
    retryable: false,
    message: 'Access to secret {reference} is denied: {problem}',
  },
  DISABLED: { ...blocked, retryable: false, message: 'Secret {reference} exists but {problem}.' },
  UNAVAILABLE: { ...blocked, retryable: true, message: 'Secret {reference} cannot be read at the moment: {problem}.' },
  REFERENCE_INVALID: {
    ...blocked,
    retryable: false,
    message: 'The secret reference {reference} is invalid: {problem}',
  },
  PROVIDER_UNKNOWN: {
    ...blocked,
    retryable: false,
    message: 'No secret provider serves {scheme}://; the known schemes are: {known}. Add it under secrets.providers.',
  },
  OPTIONS_INVALID: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The secret provider for {scheme}:// is set up wrongly: {problem}',
  },
  VALUE_INVALID: { ...blocked, retryable: false, message: 'The value of secret {reference} {problem}' },
  CLAIM_REFUSED: {
    http: 403,
    rpc: -32013,
    fault: 'caller',
    retryable: false,
    message:
      'The secrets of the server "{server}" are kept for each caller, and the claim {claim} of this one {problem}.',
  },
  LEAK: {
    http: 403,
    rpc: -32013,
    fault: 'caller',
    retryable: false,
    message: 'A secret of this host stands in the message, where it may not pass: the message was refused.',
  },
  VAULT_KEY_INVALID: {
    ...blocked,
    retryable: false,
    message: 'A key of the secret vault cannot be used: {problem}',
  },
  VAULT_KEY_WRONG: {
    ...blocked,
    retryable: false,
    message: 'The secret vault does not open with the given keys: {problem}',
  },
  VAULT_DAMAGED: {
    ...blocked,
    retryable: false,
    message: 'The secret vault is damaged: {problem} Restore it from a copy.',
  },
  VAULT_BUSY: { ...blocked, retryable: true, message: 'Another process is changing the secret vault: try again.' },
  VAULT_REFUSED: { ...blocked, retryable: false, message: 'The secret vault was not changed: {problem}' },
});

/** Whether trying again may help; a provider that threw something unknown counts as unavailable. */
export function isUnavailable(error: unknown): boolean {
  return !isHostlerError(error) || error.code === secretErrors.UNAVAILABLE.code;
}

/**
 * What a caller of the resolver gets to see of a failure: the reference that was asked for and, at most, the
 * `problem` that the thrower declared. Foreign text stays in `cause`.
 */
export function toSecretError(error: unknown, ref: SecretRef): HostlerError {
  const reference = ref.text;
  if (!isHostlerError(error)) {
    const problem = isTimeout(error) ? 'its backend did not answer in time' : UNNAMED.SECRET_UNAVAILABLE;
    return secretErrors.UNAVAILABLE({ details: { reference, problem }, cause: error });
  }
  if (!error.code.startsWith('SECRET_')) return error;
  const problem = error.details.problem ?? (UNNAMED as Readonly<Record<string, string>>)[error.code];
  const details = problem === undefined ? { reference } : { reference, problem };
  // The thrown one says the same with less: what it came from goes on.
  return new HostlerError(error.code, error.kind, { details, cause: error.cause });
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
