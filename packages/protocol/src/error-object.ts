import { isHostlerError } from '@hostler/kernel';
import type { HostlerError, JsonObject } from '@hostler/kernel';
import { protocolErrors } from './errors.ts';
import { JsonShapeError } from './json-scan.ts';

/**
 * Any thrown value as a `HostlerError`: PROTOCOL_BAD_RESULT when a server's answer turned out to be broken where somebody
 * had to look inside, else PROTOCOL_INTERNAL, with the original as its cause.
 */
export function toHostlerError(thrown: unknown): HostlerError {
  if (isHostlerError(thrown)) return thrown;
  if (thrown instanceof JsonShapeError) return protocolErrors.BAD_RESULT({ cause: thrown });
  return protocolErrors.INTERNAL({ cause: thrown });
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
