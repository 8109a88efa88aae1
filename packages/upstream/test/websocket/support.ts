import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { Inbox } from '../http/support/inbox.ts';

export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface SocketScript {
  /** Answers what is neither of the handshake; echoes by default. */
  readonly answer?: (message: Message, socket: WebSocket) => void;
  readonly era?: 'legacy' | 'modern';
  readonly subprotocol?: string | false;
  /** Instead of an upgrade. */
  readonly refuse?: number;
}

/** An MCP server behind a WebSocket, without any SDK. */
export class SocketServer implements AsyncDisposable {
  readonly received = new Inbox<Message>();
  readonly closed = new Inbox<number>();
  readonly requests: IncomingMessage[] = [];
  readonly tcp: Socket[] = [];
  readonly sockets: WebSocket[] = [];
  readonly #http = createServer((_, response) => void response.writeHead(426).end());

  static async start(script: SocketScript = {}): Promise<SocketServer> {
    const server = new SocketServer();
    const { era = 'legacy', subprotocol = 'mcp', refuse } = script;
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => subprotocol });
    server.#http.on('upgrade', (request, tcp: Socket, head) => {
      server.requests.push(request);
      server.tcp.push(tcp);
      if (refuse !== undefined) return void tcp.end(`HTTP/1.1 ${refuse} No\r\nConnection: close\r\n\r\n`);
      sockets.handleUpgrade(request, tcp, head, (socket) => {
        server.sockets.push(socket);
        socket.on('error', () => {});
        socket.on('close', (code) => server.closed.add(code));
        socket.on('message', (data: Buffer) => {
          const message = JSON.parse(data.toString()) as Message;
          server.received.add(message);
          const answer = handshake(era, message);
          if (answer) socket.send(JSON.stringify(answer));
          else if (message.id === undefined) return;
          else if (script.answer) script.answer(message, socket);
          else reply(socket, message, { echoed: message.params });
        });
      });
    });
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/mcp?tenant=1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const tcp of this.tcp) tcp.destroy();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

export function reply(socket: WebSocket, { id }: Message, result: object): void {
  socket.send(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

function handshake(era: 'legacy' | 'modern', { id, method }: Message): object | undefined {
  const serverInfo = { name: 'socket', version: '1' };
  if (method === 'server/discover') {
    if (era === 'legacy') return { jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } };
    return {
      jsonrpc: '2.0',
      id,
      result: {
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities: { tools: {} },
        ttlMs: 0,
        cacheScope: 'private',
        _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
      },
    };
  }
  if (method !== 'initialize') return undefined;
  return { jsonrpc: '2.0', id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo } };
}
