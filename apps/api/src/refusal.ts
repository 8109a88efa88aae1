import { randomUUID } from 'node:crypto';
import { challenge, challengeError, protectedResourceMetadataUrl, scopesToAskFor } from '@hostler/auth';
import type { HostPlan } from '@hostler/config';
import { limitErrors } from '@hostler/host';
import { isHostlerError } from '@hostler/kernel';
import type { HostlerError, Logger } from '@hostler/kernel';
import { errorBytes, errorObject } from '@hostler/protocol';
import { answerProblem } from './answer-problem.ts';
import { securityHeaders } from './security-headers.ts';

export interface RefusalOptions {
  readonly plan: Pick<HostPlan, 'auth'>;
  readonly log: Logger;
  /** Clients of MCP read JSON-RPC, all others a problem document. */
  readonly isMcp: boolean;
}

/** The answer to a request that failed before it was served, whatever it failed with. */
export function answerRefusal(thrown: unknown, { plan, log, isMcp }: RefusalOptions): Response {
  if (isMcp && isHostlerError(thrown) && thrown.code === limitErrors.EXCEEDED.code) return answerRpcError(thrown);
  if (!isHostlerError(thrown) || !thrown.code.startsWith('AUTH_')) return answerProblem(thrown, log);
  const response = isMcp ? answerRpcError(thrown) : answerProblem(thrown, log);
  const header = challengeOf(thrown, plan);
  if (header !== undefined) response.headers.set('www-authenticate', header);
  return response;
}

/** What a client may do about it (RFC 9110, 11.6.1; RFC 6750, 3; RFC 9728, 5.1). */
function challengeOf(
  { code, kind, details }: HostlerError,
  { auth: { resource, issuers } }: RefusalOptions['plan'],
): string | undefined {
  if (kind.http !== 401 && kind.http !== 403) return undefined;
  return challenge({
    error: challengeError(code),
    // Of a token that would do with more scopes: all that it needs. Without a token: what to begin with.
    scope: kind.http === 401 ? scopesToAskFor(issuers) : scopeOf(details),
    ...(resource !== undefined && { metadataUrl: protectedResourceMetadataUrl(resource) }),
  });
}

function scopeOf(details: HostlerError['details']): string | undefined {
  return typeof details.scope === 'string' ? details.scope : undefined;
}

function answerRpcError(error: HostlerError): Response {
  const { http: status } = error.kind;
  const { retryAfter } = error.details;
  // The id of a request is not known before its body is.
  return new Response(Buffer.from(errorBytes(undefined, errorObject(error, randomUUID()))), {
    status,
    headers: {
      ...securityHeaders,
      'content-type': 'application/json',
      ...(status === 503 && { 'retry-after': '1' }),
      ...(typeof retryAfter === 'number' && { 'retry-after': String(retryAfter) }),
    },
  });
}
