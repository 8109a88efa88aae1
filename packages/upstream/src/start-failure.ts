import { HostlerError, isHostlerError } from '@hostler/kernel';
import { upstreamErrors } from './errors.ts';

/** Why a server is not up, for the operator and for callers. */
export interface StartFailure {
  readonly status: 'down' | 'blocked';
  /** A safe sentence, for the operator. */
  readonly problem: string;
  readonly code: string;
  /** With the problem among its details: for the operator. */
  readonly error: HostlerError;
  /** What a caller gets while it lasts: without the problem, which may name the operator's files. */
  toError(retryAfter: number): HostlerError;
}

/** @param retryAfter seconds */
export function unavailable(server: string, retryAfter: number, cause?: unknown): HostlerError {
  return upstreamErrors.UNAVAILABLE({ details: { server, mayHaveRun: false, retryAfter }, cause });
}

export function startFailure(server: string, thrown: unknown): StartFailure {
  const error = isHostlerError(thrown) ? thrown : upstreamErrors.UNAVAILABLE({ details: { server }, cause: thrown });
  const { problem } = error.details;
  // What its user has to do is for its user.
  if (error.code.startsWith('OAUTH_')) {
    return { status: 'blocked', problem: error.message, code: error.code, error, toError: () => error };
  }
  if (!error.code.startsWith('SECRET_')) {
    return {
      status: 'down',
      problem: typeof problem === 'string' ? problem : error.message,
      code: error.code,
      error,
      toError: (retryAfter) => unavailable(server, retryAfter, error),
    };
  }
  return {
    status: 'blocked',
    problem: error.message,
    code: error.code,
    error,
    // The reference of a secret is the operator's business: it may be a path.
    toError: (retryAfter) =>
      new HostlerError(
        error.code,
        { ...error.kind, message: 'A secret of the server "{server}" is not available.' },
        { details: { server, mayHaveRun: false, retryAfter }, cause: error },
      ),
  };
}
