import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isTlsServer } from './is-tls.ts';

/** The connections of a server, so that they can be ended without cutting off an answer. */
export interface Connections {
  /** Ends those that are idle, and each other one with its next answer. New ones are taken: somebody may want to know. */
  thin(): void;
  /** Takes no more, ends each one as soon as its answers are out, and resolves when none is left. */
  finish(): Promise<void>;
  /** An answer is due on one of them, or is not due any more. */
  count(socket: Socket, change: 1 | -1): void;
  /** Whether each answer is the last one of its connection. */
  isThinning(): boolean;
  /** Ends those that are left, whatever they are doing. */
  destroy(): void;
  /** Ends those of which that is true, whatever they are doing, and those that have begun TLS and are not through with it. */
  destroyWhere(isOver: (socket: Duplex) => boolean): void;
}

/**
 * Node's own `close()` ends connections whose answer was handed over but not sent yet: it counts an answer as given when
 * `end()` was called. A large one to a slow client is then cut off.
 */
export function trackConnections(server: Server): Connections {
  const answersDue = new Map<Socket, number>();
  /** Those that were taken over: their new owner ends them in time, or `destroy` does. */
  const upgraded = new Set<Duplex>();
  let isThinning = false;
  let isFinishing = false;
  let onEmpty: (() => void) | undefined;

  function endIfIdle(socket: Socket): void {
    if (answersDue.get(socket) === 0) socket.destroySoon();
  }

  function count(socket: Socket, change: 1 | -1): void {
    const due = answersDue.get(socket);
    if (due === undefined) return;
    answersDue.set(socket, due + change);
    if (isThinning) endIfIdle(socket);
  }

  const shaking = trackHandshakes(server);

  server.on(isTlsServer(server) ? 'secureConnection' : 'connection', (socket: Socket) => {
    answersDue.set(socket, 0);
    socket.once('close', () => answersDue.delete(socket) && answersDue.size === 0 && onEmpty?.());
    // Accepted just before the server stopped listening.
    if (isFinishing) endIfIdle(socket);
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    count(socket, 1);
    if (isThinning) response.setHeader('connection', 'close');
    // After `finish`: the operating system has the last byte.
    response.once('close', () => count(socket, -1));
  });

  server.on('upgrade', (_: IncomingMessage, socket: Duplex) => {
    answersDue.delete(socket as Socket);
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
  });

  function thin(): void {
    isThinning = true;
    for (const socket of answersDue.keys()) endIfIdle(socket);
  }

  return {
    thin,
    count,
    isThinning: () => isThinning,
    finish() {
      isFinishing = true;
      for (const socket of shaking) socket.destroy();
      const finished = closed(server).then(
        // Of those that another process has accepted the server itself knows nothing.
        () => new Promise<void>((resolve) => (answersDue.size > 0 ? (onEmpty = resolve) : resolve())),
      );
      thin();
      return finished;
    },
    destroy() {
      server.closeAllConnections();
      for (const socket of [...answersDue.keys(), ...upgraded, ...shaking]) socket.destroy();
      // Ends the timer that looks at timeouts; the server itself listens no more.
      server.close();
    },
    destroyWhere(isOver) {
      for (const socket of [...answersDue.keys(), ...upgraded]) if (isOver(socket)) socket.destroy();
      for (const socket of shaking) socket.destroy();
    },
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()));
}

/** The connections that have begun TLS and are not through with it: of those no request is due, and none comes any more. */
function trackHandshakes(server: Server): ReadonlySet<Socket> {
  const shaking = new Set<Socket>();
  if (!isTlsServer(server)) return shaking;
  server.on('connection', (socket: Socket) => {
    shaking.add(socket);
    socket.once('close', () => shaking.delete(socket));
  });
  server.on('secureConnection', ({ remoteAddress, remotePort }: Socket) => {
    const isOver = (raw: Socket): boolean => raw.remotePort === remotePort && raw.remoteAddress === remoteAddress;
    for (const raw of shaking) if (isOver(raw)) shaking.delete(raw);
  });
  return shaking;
}
