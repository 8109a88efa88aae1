import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { clientErrors } from '../client-errors.ts';
import { Conversation } from '../core/conversation.ts';
import type { Caller } from '../core/endpoint-parts.ts';
import { OpenConversations } from '../core/open-conversations.ts';
import type { Session } from '../core/session.ts';
import type { HttpParts } from '../http/http-parts.ts';
import { httpErrors } from '../http-errors.ts';
import { SocketLine } from './socket-line.ts';

/** Milliseconds that clients have to answer the closing frame when the endpoint closes. */
const CLOSE_TIME = 1_000;

/** WebSocket: one message a text frame, in both eras. An extension: no revision of the specification has it. */
export class WebSocketFace {
  readonly #parts: HttpParts;
  readonly #conversations = new OpenConversations();
  readonly #lines = new Set<SocketLine>();
  /** Loaded with the first client that wants it. */
  #server: Promise<WebSocketServer> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(parts: HttpParts) {
    this.#parts = parts;
  }

  sessions(): Iterable<Session> {
    return this.#conversations.sessions();
  }

  /** @throws HTTP_* */
  open(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void {
    const { state, streams, log } = this.#parts;
    if (state.closing) throw httpErrors.SHUTTING_DOWN();
    // It left while it waited for servers to start: nothing would tell us a second time.
    if (socket.destroyed) return;
    let end = (): void => void socket.destroy();
    const giveBack = streams.take({ consumer: caller.consumer, end: () => end() });
    // Also when the handshake is refused, which the library does by itself.
    socket.once('close', giveBack);
    this.#server ??= createServer(this.#parts.limits.messageBytes);
    this.#server.then(
      (server) => {
        // Its access ended, or all is closing, while the server was loaded.
        if (socket.destroyed || state.closing) return void socket.destroy();
        server.handleUpgrade(request, socket, head, (opened) => {
          end = this.#serve(opened, { ...caller, entry: 'ws' });
        });
      },
      (error: unknown) => {
        log.error({ error }, 'a WebSocket could not be served');
        socket.destroy();
      },
    );
  }

  finish(grace: number): Promise<void> {
    return this.#conversations.finish(grace);
  }

  async close(): Promise<void> {
    const { promise: empty, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    for (const line of this.#lines) line.end();
    if (this.#lines.size === 0) resolve();
    const stopTimer = this.#parts.clock.after(CLOSE_TIME, () => {
      for (const line of this.#lines) line.terminate();
      resolve();
    });
    await empty;
    stopTimer();
    await this.#conversations.close(clientErrors.SESSION_ENDED());
  }

  /** @returns what ends it when its consumer is let in no longer */
  #serve(socket: WebSocket, caller: Caller): () => void {
    const line: SocketLine = new SocketLine({
      ...this.#parts,
      socket,
      onMessage: (bytes) => conversation.receive(bytes),
      onEnd: () => {
        this.#lines.delete(line);
        this.#conversations.end(conversation, clientErrors.GONE());
        if (this.#lines.size === 0) this.#onEmpty?.();
      },
    });
    const conversation = new Conversation(this.#parts, caller, line);
    this.#lines.add(line);
    this.#conversations.add(conversation);
    return () => {
      const reason = httpErrors.ACCESS_ENDED();
      conversation.refuse(reason);
      line.refuse(reason.code);
    };
  }
}

async function createServer(maxPayload: number): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws');
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload,
    // A compressed message may be a bomb, and most of them are too small to gain anything.
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mcp') ? 'mcp' : false),
  });
}
