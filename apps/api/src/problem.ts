import { STATUS_CODES } from 'node:http';
import type { HostlerError } from '@hostler/kernel';

/** An error document (RFC 9457) with the members that every error of Hostler has. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
}

/** `about:blank` is the type of RFC 9457 (section 4.2.1) for problems that `code` and the status describe fully. */
export function toProblem(error: HostlerError, requestId: string): Problem {
  const status = error.kind.http;
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    code: error.code,
    requestId,
  };
}
