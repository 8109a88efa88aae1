import { namesModernEra } from '@hostler/protocol';
import type { Caller } from '../core/endpoint-parts.ts';
import { httpErrors } from '../http-errors.ts';
import { acceptedTypes } from './accepted-types.ts';
import { requireLegacyHeader } from './classify.ts';
import { EventChannel } from './event-channel.ts';
import type { HttpRequest, HttpResponse } from './http-messages.ts';
import type { HttpParts } from './http-parts.ts';
import { sendEmpty } from './send-json.ts';
import { singleHeader } from './single-header.ts';

/**
 * Opens the session's own stream. One at a time: a second takes the place of the first, since a client that lost its
 * connection comes back long before we notice the loss.
 * @throws HTTP_*
 */
export function serveStream(parts: HttpParts, request: HttpRequest, response: HttpResponse, caller: Caller): void {
  if (parts.state.closing) throw httpErrors.SHUTTING_DOWN();
  if (!acceptedTypes(request.headers.accept).stream) {
    throw httpErrors.NOT_ACCEPTABLE({ details: { accepts: 'text/event-stream' } });
  }
  const session = parts.sessions.find(request.headers['mcp-session-id'], caller);
  requireLegacyHeader(singleHeader(request.headers['mcp-protocol-version']));
  session.closeOutlet();
  const giveBack = parts.streams.take({ consumer: caller.consumer, end: () => channel.end() });
  const channel: EventChannel = new EventChannel(parts, response, {
    headers: { 'mcp-session-id': session.id },
    onEnd() {
      giveBack();
      session.detach(channel);
      session.lastUsed = parts.clock.now();
    },
  });
  session.attach(channel);
}

/** Ends the session. What the host still holds of it is let go in its own time. @throws HTTP_* */
export function serveDelete(parts: HttpParts, request: HttpRequest, response: HttpResponse, caller: Caller): void {
  const session = parts.sessions.find(request.headers['mcp-session-id'], caller);
  requireLegacyHeader(singleHeader(request.headers['mcp-protocol-version']));
  parts.sessions.end(session);
  sendEmpty(response, 204);
}

/** In the modern era there is nothing to get and nothing to delete. */
export function isModernRoute({ headers }: HttpRequest): boolean {
  const header = singleHeader(headers['mcp-protocol-version']);
  return header !== undefined && namesModernEra(header);
}
