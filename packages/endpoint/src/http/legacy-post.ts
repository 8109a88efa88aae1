import { resultBytes } from '@hostler/protocol';
import type { IncomingMessage as Message } from '@hostler/protocol';
import { errorAnswer } from '../core/answers.ts';
import { describeTo, openSession } from '../core/open-session.ts';
import { admitSessionRequest, answerSessionRequest, receiveFromSession } from '../core/session-request.ts';
import type { Request } from '../core/session-request.ts';
import type { Session } from '../core/session.ts';
import { clientErrors } from '../client-errors.ts';
import { httpErrors } from '../http-errors.ts';
import { requireLegacyHeader } from './classify.ts';
import type { HttpParts } from './http-parts.ts';
import { HttpReply } from './http-reply.ts';
import type { Post } from './post.ts';
import { sendEmpty } from './send-json.ts';
import { singleHeader } from './single-header.ts';

/** @throws what concerns the session rather than the request, to be answered with the error's own HTTP status */
export function serveLegacyMessage(parts: HttpParts, post: Post, message: Message): void | Promise<void> {
  if (message.kind === 'request' && message.method === 'initialize') return initialize(parts, post, message);
  const { headers } = post.request;
  const session = parts.sessions.find(headers['mcp-session-id'], post.caller);
  requireLegacyHeader(singleHeader(headers['mcp-protocol-version']));
  if (message.kind === 'request') return serveRequest(parts, post, session, message);
  receiveFromSession(parts, session, message);
  sendEmpty(post.response, 202);
}

async function initialize(parts: HttpParts, post: Post, { id, params }: Request): Promise<void> {
  const session = openSession(parts, post.caller, params);
  parts.sessions.add(session);
  let isGone = false;
  const reply = new HttpReply(parts, post.response, {
    id,
    accepts: post.accepts,
    headers: { 'mcp-session-id': session.id },
    onGone: () => (isGone = true),
  });
  try {
    const result = await describeTo(parts, session);
    session.ready = true;
    reply.finish({ message: [resultBytes(id, result)], status: 200 });
    // Nobody will ever use a session whose id was not received.
    if (isGone) parts.sessions.end(session);
  } catch (thrown) {
    parts.sessions.end(session);
    reply.finish(errorAnswer(parts, thrown, { id }));
  }
}

function serveRequest(parts: HttpParts, post: Post, session: Session, message: Request): void | Promise<void> {
  if (!parts.inFlight.hasRoom(post.caller.consumer, parts.limits)) throw httpErrors.TOO_MANY_REQUESTS();
  const reply = new HttpReply(parts, post.response, {
    id: message.id,
    accepts: post.accepts,
    // A lost stream cannot be taken up again here, so nobody would ever read the result.
    onGone: () => exchange?.cancel(clientErrors.GONE()),
  });
  const exchange = admitSessionRequest(parts, session, message, reply);
  if (exchange === undefined) return;
  parts.inFlight.add(exchange);
  return answerSessionRequest(parts, session, exchange, () => parts.inFlight.delete(exchange));
}
