import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseMessage } from '@hostler/protocol';
import { clientErrors } from '../client-errors.ts';
import { Conversation } from '../core/conversation.ts';
import type { Caller } from '../core/endpoint-parts.ts';
import { OpenConversations } from '../core/open-conversations.ts';
import { isSameCaller } from '../core/same-caller.ts';
import type { Session } from '../core/session.ts';
import { acceptedTypes } from '../http/accepted-types.ts';
import { EventChannel } from '../http/event-channel.ts';
import type { HttpParts } from '../http/http-parts.ts';
import { readBody, requireJson } from '../http/request-body.ts';
import { sendEmpty } from '../http/send-json.ts';
import { httpErrors } from '../http-errors.ts';

interface Stream {
  readonly caller: Caller;
  readonly conversation: Conversation;
  readonly channel: EventChannel;
}

/**
 * HTTP+SSE: messages to the client are events of one long GET, messages from it are POSTs to the address that the first
 * event names. The session ends with the stream. Source: MCP 2024-11-05, basic/transports (HTTP with SSE).
 */
export class SseFace {
  readonly #parts: HttpParts;
  readonly #conversations = new OpenConversations();
  readonly #streams = new Map<string, Stream>();

  constructor(parts: HttpParts) {
    this.#parts = parts;
  }

  sessions(): Iterable<Session> {
    return this.#conversations.sessions();
  }

  /** Opens a stream. @throws HTTP_* */
  open(request: IncomingMessage, response: ServerResponse, caller: Caller): void {
    const { limits, state, streams } = this.#parts;
    if (state.closing) throw httpErrors.SHUTTING_DOWN();
    if (request.method !== 'GET') throw httpErrors.METHOD_NOT_ALLOWED({ details: { allowed: 'GET' } });
    if (!acceptedTypes(request.headers.accept).stream) {
      throw httpErrors.NOT_ACCEPTABLE({ details: { accepts: 'text/event-stream' } });
    }
    // It left while it waited for servers to start: nothing would tell us a second time.
    if (response.destroyed) return;
    const giveBack = streams.take({
      consumer: caller.consumer,
      end: () => {
        conversation.refuse(httpErrors.ACCESS_ENDED());
        channel.end();
      },
    });
    const id = randomBytes(32).toString('base64url') + this.#parts.mark;
    const channel = new EventChannel(this.#parts, response, {
      first: `event: endpoint\ndata: ${messagesPath(request.url ?? '')}?sessionId=${id}\n\n`,
      // All answers share the stream, so several large ones may be on their way at once.
      maxWaiting: limits.pipeBytes,
      onEnd: () => {
        giveBack();
        this.#streams.delete(id);
        this.#conversations.end(conversation, clientErrors.GONE());
      },
    });
    const conversation = new Conversation(this.#parts, caller, channel, { isLegacyOnly: true });
    this.#conversations.add(conversation);
    this.#streams.set(id, { caller, conversation, channel });
  }

  /** Takes one message; what it comes to goes to the stream. @throws HTTP_*, PROTOCOL_* */
  async receive(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    if (request.method !== 'POST') throw httpErrors.METHOD_NOT_ALLOWED({ details: { allowed: 'POST' } });
    requireJson(request);
    const id = new URLSearchParams((request.url ?? '').split('?')[1]).get('sessionId') ?? '';
    this.#find(id, caller);
    const body = await readBody(request, this.#parts);
    if (body === undefined) return;
    const message = parseMessage(body);
    if (this.#parts.state.closing && message.kind === 'request') throw httpErrors.SHUTTING_DOWN();
    // Looked up again: the stream may have ended while the body came.
    const { conversation } = this.#find(id, caller);
    if (!this.#parts.isGood(caller.consumer)) throw httpErrors.ACCESS_ENDED();
    sendEmpty(response, 202);
    conversation.take(message);
  }

  finish(grace: number): Promise<void> {
    return this.#conversations.finish(grace);
  }

  async close(): Promise<void> {
    for (const { channel } of this.#streams.values()) channel.end();
    await this.#conversations.close(clientErrors.SESSION_ENDED());
  }

  /** @throws HTTP_SESSION_UNKNOWN for an id that does not exist or is another caller's: whoever guesses learns nothing */
  #find(id: string, caller: Caller): Stream {
    const stream = this.#streams.get(id);
    if (stream === undefined || !isSameCaller(stream.caller, caller)) throw httpErrors.SESSION_UNKNOWN();
    return stream;
  }
}

/** Beside the stream: `/sse` becomes `/messages`, whatever stands before it. */
function messagesPath(target: string): string {
  return target.replace(/\?.*$/, '').replace(/[^/]*\/?$/, 'messages');
}
