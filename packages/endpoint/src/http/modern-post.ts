import type { IncomingHttpHeaders } from 'node:http';
import { checkStandardHeaders } from '@hostler/protocol';
import type { IncomingMessage as Message } from '@hostler/protocol';
import { answerExchange } from '../core/answer-exchange.ts';
import { ClientExchange } from '../core/client-exchange.ts';
import { endExchange } from '../core/in-flight.ts';
import { answerDiscover, readModernRequest, requireModernMethod } from '../core/modern-request.ts';
import type { ModernRequest } from '../core/modern-request.ts';
import { clientErrors } from '../client-errors.ts';
import { httpErrors } from '../http-errors.ts';
import type { HttpParts } from './http-parts.ts';
import { HttpReply } from './http-reply.ts';
import type { Post } from './post.ts';
import { sendEmpty } from './send-json.ts';
import { singleHeader } from './single-header.ts';

/** @throws what a request can get wrong before it is dispatched, to be answered with the error's own HTTP status */
export function serveModernMessage(parts: HttpParts, post: Post, message: Message): void | Promise<void> {
  // Over HTTP a modern client has nothing to notify of: it cancels by closing the response.
  if (message.kind !== 'request') return sendEmpty(post.response, 202);
  const modern = readModernRequest(message);
  checkHeaders(post.request.headers, modern);
  requireModernMethod(message.method);
  if (message.method === 'server/discover') {
    const reply = new HttpReply(parts, post.response, { id: message.id, accepts: post.accepts });
    return answerDiscover(parts, post.caller, modern.client, reply);
  }
  if (!parts.inFlight.hasRoom(post.caller.consumer, parts.limits)) throw httpErrors.TOO_MANY_REQUESTS();
  const giveBack =
    message.method === 'subscriptions/listen'
      ? takeStream(parts, post, () => endExchange(parts, exchange, httpErrors.ACCESS_ENDED()))
      : undefined;
  const exchange: ClientExchange = new ClientExchange({
    caller: post.caller,
    ...modern,
    ...parameterHeadersOf(post.request.headers),
    reply: new HttpReply(parts, post.response, {
      id: message.id,
      accepts: post.accepts,
      // Source: MCP 2026-07-28, basic/patterns/cancellation.
      onGone: () => exchange.cancel(clientErrors.GONE()),
    }),
  });
  parts.inFlight.add(exchange);
  return answerExchange(parts, exchange).then(() => {
    parts.inFlight.delete(exchange);
    giveBack?.();
  });
}

function takeStream(parts: HttpParts, { accepts, caller }: Post, end: () => void): () => void {
  if (!accepts.stream) throw httpErrors.NOT_ACCEPTABLE({ details: { accepts: 'text/event-stream' } });
  return parts.streams.take({ consumer: caller.consumer, end });
}

function checkHeaders(headers: IncomingHttpHeaders, { request, client }: ModernRequest): void {
  const standard = {
    protocolVersion: singleHeader(headers['mcp-protocol-version']),
    method: singleHeader(headers['mcp-method']),
    name: singleHeader(headers['mcp-name']),
  };
  checkStandardHeaders(standard, request, client.protocolVersion);
}

const PARAMETER_PREFIX = 'mcp-param-';

/** Servers check these against the arguments, so they travel on as they came. */
function parameterHeadersOf(
  headers: IncomingHttpHeaders,
): { readonly parameterHeaders: Readonly<Record<string, string>> } | undefined {
  let parameterHeaders: Record<string, string> | undefined;
  for (const name in headers) {
    const value = headers[name];
    if (name.startsWith(PARAMETER_PREFIX) && typeof value === 'string') (parameterHeaders ??= {})[name] = value;
  }
  return parameterHeaders && { parameterHeaders };
}
