import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@hostler/kernel';
import { mcpRouteOf } from '../mcp-route.ts';
import { OWNER, placeOf } from './marks.ts';

/** Who takes connections. */
export interface Taker {
  readonly place: number;
  /** @param head what was read of it already */
  take(socket: Socket, head: Uint8Array | undefined): void;
}

export interface HandOutOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Those that can take one now. */
  readonly takers: () => readonly Taker[];
  /** Takes it where nobody else can, and what is not MCP. */
  readonly own: HttpServer;
  /** What is encrypted cannot be looked into. */
  readonly isSecure: boolean;
}

/** Milliseconds for the first bytes of a connection; who is slower goes to whoever is next. */
const LOOK_TIME = 50;

/**
 * Gives each connection to a process: one whose first request belongs to a session to the one that has the session, any
 * other to the next in turn. Requests that come to another process all the same are forwarded; with this that is rare.
 */
export function createHandOut({ clock, takers, own, isSecure }: HandOutOptions): (socket: Socket) => void {
  let turn = 0;
  function give(socket: Socket, head: Buffer | undefined): void {
    const able = takers();
    const wanted = head === undefined ? undefined : wantedPlace(head);
    if (wanted === OWNER || able.length === 0) return takeHere(own, readAgain(socket), head);
    (able.find(({ place }) => place === wanted) ?? next(able)).take(socket, head);
  }
  /** Connections that belong to somebody do not count: sessions are spread by their first ones. */
  function next(able: readonly Taker[]): Taker {
    turn = (turn + 1) % able.length;
    return able[turn] as Taker;
  }
  return (socket) => {
    // One that breaks while it is on its way is nobody's loss.
    socket.on('error', () => socket.destroy());
    if (isSecure || takers().length === 0) return give(socket, undefined);
    const decide = (head?: Buffer): void => {
      stopTimer();
      socket.off('data', decide);
      if (stopReading(socket)) give(socket, head);
      else socket.destroy();
    };
    const stopTimer = clock.after(LOOK_TIME, () => decide());
    socket.once('close', stopTimer);
    // Until now nothing of it was read: it came paused.
    socket.on('data', decide).resume();
  };
}

/** A server of this process takes the connection over, with what was read of it. */
export function takeHere(server: HttpServer, socket: Socket, head: Uint8Array | undefined): void {
  socket.setNoDelay(true);
  // A client may end its half with its request and still read.
  socket.allowHalfOpen = true;
  server.emit('connection', socket);
  // The parser listens by now; what comes next is behind this.
  if (head !== undefined && head.length > 0) socket.emit('data', Buffer.from(head));
  socket.resume();
}

interface Readable {
  readonly _handle: { reading: boolean; readStop(): number } | null;
  _read?: () => void;
}

function readAgain(socket: Socket): Socket {
  delete (socket as unknown as Readable)._read;
  return socket;
}

/**
 * What is read from here on is the next owner's. Streams of Node have no public way to stop at once: a paused one reads on
 * until its buffer is full. @returns false when it is gone
 */
function stopReading(socket: Socket): boolean {
  const { _handle: handle } = socket as unknown as Readable;
  if (handle === null || socket.destroyed) return false;
  socket.pause();
  handle.reading = false;
  handle.readStop();
  (socket as unknown as Readable)._read = () => undefined;
  return true;
}

const TARGET = /^[A-Z]+ (\S+) HTTP\/1/;
const SESSION = /\r\nmcp-session-id:[ \t]*([^\s]+)[ \t]*\r\n/i;
const MESSAGES_SESSION = /[?&]sessionId=([^&\s]+)/;

/** The process that has what the first request is about; undefined: any of the workers. */
function wantedPlace(head: Buffer): number | undefined {
  const text = head.toString('latin1', 0, Math.min(head.length, 16 * 1024));
  const target = TARGET.exec(text)?.[1];
  if (target === undefined) return undefined;
  const route = mcpRouteOf(target);
  if (route === undefined) return OWNER;
  const end = text.indexOf('\r\n\r\n');
  const lines = end === -1 ? text : text.slice(0, end + 2);
  const id = route.face === 'messages' ? MESSAGES_SESSION.exec(target)?.[1] : SESSION.exec(lines)?.[1];
  return id === undefined ? undefined : placeOf(id);
}
