import { isHostlerError } from '@hostler/kernel';
import type { HostlerError, JsonObject } from '@hostler/kernel';
import { protocolErrors } from './errors.ts';

/** Any thrown value as a `HostlerError`; what is not one becomes PROTOCOL_INTERNAL with the original as its cause. */
export function toHostlerError(thrown: unknown): HostlerError {
  return isHostlerError(thrown) ? thrown : protocolErrors.INTERNAL({ cause: thrown });
}

/**
 * The JSON-RPC error object for a caller: code, safe message, and `data` with Hostler's code, the details and the
 * request id. Nothing of the cause.
 */
export function errorObject(error: HostlerError, requestId?: string): JsonObject {
  return {
    code: error.kind.rpc,
    message: error.message,
    data: { ...error.details, code: error.code, ...(requestId === undefined ? {} : { requestId }) },
  };
}
