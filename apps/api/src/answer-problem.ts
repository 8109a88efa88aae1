import { randomUUID } from 'node:crypto';
import { isHostlerError } from '@hostler/kernel';
import type { Json, Logger } from '@hostler/kernel';
import { apiErrors } from './errors.ts';
import { toProblem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

/** The answer to a request that failed, whatever it failed with. */
export function answerProblem(thrown: unknown, log: Logger): Response {
  const error = isHostlerError(thrown) ? thrown : apiErrors.INTERNAL({ cause: thrown });
  const requestId = randomUUID();
  if (error.kind.fault === 'bug') log.error({ error: thrown, requestId }, 'a request failed');
  const { allowed, retryAfter } = error.details;
  const status = error.kind.http;
  return new Response(JSON.stringify(toProblem(error, requestId)), {
    status,
    headers: {
      ...securityHeaders,
      'content-type': 'application/problem+json',
      ...(typeof allowed === 'string' && { allow: allowed }),
      // Seconds (RFC 9110, section 10.2.3).
      ...((status === 503 || status === 429) && { 'retry-after': secondsOf(retryAfter) }),
    },
  });
}

/** Whole ones; when whoever refused did not say, soon. */
function secondsOf(retryAfter: Json | undefined): string {
  return typeof retryAfter === 'number' && retryAfter > 0 ? String(Math.ceil(retryAfter)) : '1';
}
