import { isHostlerError } from '@hostler/kernel';
import { parseMessage } from '@hostler/protocol';
import type { IncomingMessage as Message, MessageId } from '@hostler/protocol';
import { errorAnswer } from '../core/answers.ts';
import type { Caller } from '../core/endpoint-parts.ts';
import { httpErrors } from '../http-errors.ts';
import { acceptedTypes } from './accepted-types.ts';
import type { AcceptedTypes } from './accepted-types.ts';
import { eraOfMessage } from './classify.ts';
import type { HttpRequest, HttpResponse } from './http-messages.ts';
import type { Elsewhere, HttpParts, Posted } from './http-parts.ts';
import { serveLegacyMessage } from './legacy-post.ts';
import { serveModernMessage } from './modern-post.ts';
import { discardBody, readBody, requireJson } from './request-body.ts';
import { sendJson } from './send-json.ts';
import { singleHeader } from './single-header.ts';

/** One posted message with all that its answer depends on. */
export interface Post {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly caller: Caller;
  readonly accepts: AcceptedTypes;
}

/** Never rejects. */
export async function servePost(
  parts: HttpParts,
  request: HttpRequest,
  response: HttpResponse,
  caller: Caller,
): Promise<void> {
  let message: Message | undefined;
  try {
    requireJson(request);
    const accepts = requireAccepted(request);
    const read = readBody(request, parts);
    const body = read instanceof Promise ? await read : read;
    if (body === undefined) return;
    if (!parts.isGood(caller.consumer)) throw httpErrors.ACCESS_ENDED();
    message = parseMessage(body);
    if (parts.state.closing && message.kind === 'request') throw httpErrors.SHUTTING_DOWN();
    const header = singleHeader(request.headers['mcp-protocol-version']);
    const post: Post = { request, response, caller: withTrace(caller, request), accepts };
    if (eraOfMessage(message, header) === 'modern') {
      if (parts.elsewhere !== undefined && goesElsewhere(parts.elsewhere, message, { request, response, body })) return;
      await serveModernMessage(parts, post, message);
    } else await serveLegacyMessage(parts, post, message);
  } catch (thrown) {
    sendJson(response, errorAnswer(parts, thrown, { id: idOf(message, thrown) }));
    discardBody(request, parts.pulse);
  }
}

/** A call that waits for its client waits in the process that gave its state out. */
function goesElsewhere(elsewhere: Elsewhere, message: Message, posted: Posted): boolean {
  const state = message.kind === 'request' ? message.params['requestState'] : undefined;
  const take = typeof state === 'string' ? elsewhere(state) : undefined;
  take?.(posted);
  return take !== undefined;
}

/** Source: W3C Trace Context, 3.2. */
function withTrace(caller: Caller, { headers }: HttpRequest): Caller {
  const traceParent = singleHeader(headers['traceparent']);
  return traceParent === undefined ? caller : { ...caller, traceParent };
}

function requireAccepted({ headers }: HttpRequest): AcceptedTypes {
  const accepts = acceptedTypes(headers.accept);
  if (!accepts.json && !accepts.stream) {
    throw httpErrors.NOT_ACCEPTABLE({ details: { accepts: 'application/json and text/event-stream' } });
  }
  return accepts;
}

/** The id of a request that was read, or of what had one although it was no valid message. */
function idOf(message: Message | undefined, thrown: unknown): MessageId | undefined {
  if (message !== undefined) return message.kind === 'request' ? message.id : undefined;
  const id = isHostlerError(thrown) ? thrown.details['id'] : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
