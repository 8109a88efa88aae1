import { defineErrors, HostlerError, isHostlerError } from '@hostler/kernel';
import type { SecretRef } from './secret-ref.ts';

/** A server whose secret cannot be had is blocked, whatever the reason: one status for all of them. */
const blocked = { http: 503, rpc: -32017, fault: 'operator' } as const;

/**
 * Everything that can go wrong with a secret. Messages hold the reference, never a value.
 * A provider throws `NOT_FOUND`, `ACCESS_DENIED` or `UNAVAILABLE` without details: the resolver adds the reference.
 */
export const secretErrors = defineErrors('SECRET', {
  NOT_FOUND: { ...blocked, retryable: false, message: 'Secret {reference} does not exist.' },
  ACCESS_DENIED: {
    ...blocked,
    retryable: false,
    message: 'Access to secret {reference} is denied: grant this host read access to it.',
  },
  UNAVAILABLE: { ...blocked, retryable: true, message: 'Secret {reference} cannot be read at the moment.' },
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
  if (!isHostlerError(error)) return secretErrors.UNAVAILABLE({ details: { reference: ref.text }, cause: error });
  if (!error.code.startsWith('SECRET_')) return error;
  const { problem } = error.details;
  const details = problem === undefined ? { reference: ref.text } : { reference: ref.text, problem };
  return new HostlerError(error.code, error.kind, { details, cause: error });
}
