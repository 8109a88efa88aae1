import { HostlerError, isHostlerError } from '@hostler/kernel';
import type { ErrorKind, JsonObject } from '@hostler/kernel';
import { upstreamErrors } from '../errors.ts';

/** An error on its way to another process of this host; without the cause, which is in the log of the one that had it. */
export interface ErrorWords {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: JsonObject;
}

export function toWords(thrown: unknown, server: string): ErrorWords {
  const error = isHostlerError(thrown)
    ? thrown
    : upstreamErrors.UNAVAILABLE({ details: { server, mayHaveRun: true }, cause: thrown });
  return { code: error.code, kind: error.kind, details: error.details };
}

export function fromWords({ code, kind, details }: ErrorWords): HostlerError {
  return new HostlerError(code, kind, { details });
}
