import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpResponse, WholeRequest } from '@hostler/endpoint';
import type { Clock } from '@hostler/kernel';
import { inOnePiece } from '@hostler/protocol';
import type { Connections } from '../connections.ts';
import { isTlsServer } from '../is-tls.ts';
import type { McpRoute } from '../mcp-route.ts';
import type { ServerLimits } from '../server-limits.ts';
import { DirectConnection } from './direct-connection.ts';
import { FieldLines } from './response-head.ts';
import type { HeadFields } from './response-head.ts';

export interface DirectOptions {
  readonly server: Server;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly connections: Pick<Connections, 'count' | 'isThinning'>;
  /** Of every answer. */
  readonly headers: HeadFields;
  /** Never throws. */
  readonly answer: (request: WholeRequest, response: HttpResponse, route: McpRoute) => void;
}

/** Bytes of a head that is read here. */
const HEAD_BYTES = 8 * 1_024;

/**
 * Answers plain POSTs to MCP endpoints past Node's HTTP server, whose objects for a request and its response take a fifth of
 * what a call costs. The server gets every connection on which anything else comes, and everything that takes its time: what
 * is slow, unusual, or wrong is its business.
 */
export function serveDirectly({ server, limits, clock, connections, headers, answer }: DirectOptions): void {
  const event = isTlsServer(server) ? 'secureConnection' : 'connection';
  const [takeOver] = server.listeners(event) as ((this: Server, socket: Socket) => void)[];
  if (takeOver === undefined) throw new Error('A server of Node does not listen to its connections.');
  server.off(event, takeOver);

  const open = new Set<DirectConnection>();
  const seconds = Math.floor(limits.keepAliveTimeout / 1_000);
  const alive = inOnePiece(`connection: keep-alive\r\nkeep-alive: timeout=${seconds}\r\n`);
  const owner = {
    lines: inOnePiece(new FieldLines(headers).text),
    get connectionLines() {
      return connections.isThinning() ? 'connection: close\r\n' : alive;
    },
    headBytes: Math.min(HEAD_BYTES, limits.headerBytes),
    now: () => clock.now(),
    count: (socket: Socket, change: 1 | -1) => connections.count(socket, change),
    answer,
    handOver(connection: DirectConnection, bytes: Buffer) {
      open.delete(connection);
      const { socket } = connection;
      takeOver.call(server, socket);
      // The parser listens by now; what comes next is behind this.
      if (bytes.length > 0) socket.emit('data', bytes);
      socket.resume();
    },
    onClosed: (connection: DirectConnection) => void open.delete(connection),
  };

  let isWatching = false;
  function watch(): void {
    if (isWatching || open.size === 0) return;
    isWatching = true;
    clock.after(limits.checkInterval, () => {
      isWatching = false;
      const now = clock.now();
      for (const connection of open) look(connection, now);
      watch();
    });
  }
  /** What is not whole by now has the time that the server gives it, and who says nothing at all as well. */
  function look(connection: DirectConnection, now: number): void {
    const since = connection.idleSince();
    if (since === undefined) return;
    const isOld = now - since >= limits.checkInterval;
    if (isOld && (connection.hasBegun || !connection.hasAnswered)) connection.handOver();
    else if (limits.keepAliveTimeout > 0 && now - since >= limits.keepAliveTimeout) connection.socket.destroySoon();
  }

  server.on(event, (socket: Socket) => {
    open.add(new DirectConnection(socket, owner));
    watch();
  });
}
