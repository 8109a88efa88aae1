import process from 'node:process';
import { isJsonObject } from '@hostler/kernel';
import type { HostlerError, Json, JsonObject } from '@hostler/kernel';

/** An error document (RFC 9457) with the members that every error of Hostler has. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
  /** Whether the call may have taken effect. */
  readonly mayHaveRun?: boolean;
  /** Everything that is wrong with the request, with pointers into its body. */
  readonly problems?: readonly Json[];
  /** The JSON-RPC error of the server that was asked, as it gave it. */
  readonly error?: JsonObject;
}

/** `about:blank` is the type of RFC 9457 (section 4.2.1) for problems that `code` and the status describe fully. */
export function toProblem(error: HostlerError, requestId: string): Problem {
  const status = error.kind.http;
  const { mayHaveRun, problems, error: serverError } = error.details;
  return {
    type: 'about:blank',
    title: process.getBuiltinModule('node:http').STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(typeof mayHaveRun === 'boolean' && { mayHaveRun }),
    ...(Array.isArray(problems) && { problems }),
    ...(isJsonObject(serverError) && { error: serverError }),
  };
}
