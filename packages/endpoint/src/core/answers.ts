import { randomUUID } from 'node:crypto';
import type { Era, HostlerError, Outcome } from '@hostler/kernel';
import { errorBytes, errorObject, responsePieces, toHostlerError } from '@hostler/protocol';
import type { MessageId } from '@hostler/protocol';
import { errorCodeOf } from './carry-outcome.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import type { Answer } from './reply.ts';

/** Seconds after which it is worth trying again, when whoever refused did not say. */
const RETRY_AFTER = 1;

/** Refusals that proxies and load balancers must see too: too many, overloaded. */
const SHED_CODES: readonly number[] = [-32015, -32016];

/** The answer that an outcome is, in the era of its client. */
export function outcomeAnswer(id: MessageId, outcome: Outcome): Answer {
  const status = outcome.kind === 'result' ? 200 : statusOf(errorCodeOf(outcome.payload.value()), outcome.era);
  return { message: responsePieces(id, outcome), status };
}

export interface ErrorAnswerOptions {
  /** Undefined when the request's id could not be read. */
  readonly id: MessageId | undefined;
  /** For logs and `data.requestId`; a new one when absent. */
  readonly requestId?: string;
  /** The era of a request that was understood. Absent: HTTP itself refuses, with the error's own status. */
  readonly era?: Era;
}

/** The answer that a thrown value comes to. What nobody foresaw is logged here, and nothing of it is sent. */
export function errorAnswer(
  parts: Pick<EndpointParts, 'log' | 'redact'>,
  thrown: unknown,
  options: ErrorAnswerOptions,
): Answer {
  const { id, requestId = randomUUID(), era } = options;
  const error = toHostlerError(thrown);
  if (error.kind.fault === 'bug') {
    parts.log.error({ error: error.cause ?? error, requestId, code: error.code }, 'a request failed unexpectedly');
  }
  const { http, rpc } = error.kind;
  const isShed = SHED_CODES.includes(rpc);
  const status = era === undefined || isShed ? http : statusOf(rpc, era);
  return {
    message: [parts.redact(errorBytes(id, errorObject(error, requestId)))],
    status,
    ...(isShed ? { retryAfter: retryAfterOf(error) } : {}),
  };
}

/** Source: MCP 2026-07-28, basic/transports (status codes); before that, every JSON-RPC response had status 200. */
function statusOf(code: number | undefined, era: Era): number {
  if (era === 'legacy') return 200;
  if (code === -32601) return 404;
  return code === -32020 || code === -32021 || code === -32022 ? 400 : 200;
}

function retryAfterOf({ details }: HostlerError): number {
  const { retryAfter } = details;
  return typeof retryAfter === 'number' && retryAfter > 0 ? Math.ceil(retryAfter) : RETRY_AFTER;
}
