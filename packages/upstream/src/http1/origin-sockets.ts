import type { Socket } from 'node:net';
import type { Clock } from '@hostler/kernel';
import type { Connector } from '../network/connector.ts';
import { connectOptions } from './connect-options.ts';
import { Connection } from './connection.ts';
import type { ConnectionOwner } from './connection.ts';
import { FREE_TIME } from './free-time.ts';
import { FreeConnections } from './free-connections.ts';
import { OngoingRequest } from './ongoing-request.ts';
import type { OriginRequest } from './origin-request.ts';
import { endedEarly } from './reply-errors.ts';
import type { ReplyHandler } from './reply-handler.ts';
import { RequestHeads } from './request-head.ts';
import { SocketReading } from './socket-reading.ts';
import { WaitingLine } from './waiting-line.ts';

export type { OriginRequest } from './origin-request.ts';

export interface SocketsOptions {
  /** Where the sockets lead to: the server, or the forward proxy before it. */
  readonly origin: URL;
  readonly connect: Connector;
  /** Sockets at one time: what is beyond waits in its order. */
  readonly most: number;
  readonly clock: Clock;
}

/** HTTP/1.1 to one origin: a request at a time on each socket, and sockets that are used again. */
export interface OriginSockets {
  /** Those that hold a `host` hold the same one. Refusals are told to the handler at once, before this returns. */
  send(request: OriginRequest, handler: ReplyHandler): void;
  /** Fails what is open; resolves when no socket is left. */
  close(): Promise<void>;
}

export function openSockets(options: SocketsOptions): OriginSockets {
  return new Sockets(options);
}

interface Connecting {
  /** For which it was begun. */
  readonly request: OngoingRequest;
  readonly reading: SocketReading;
}

class Sockets implements OriginSockets, ConnectionOwner {
  readonly #options: SocketsOptions;
  readonly #heads: RequestHeads;
  readonly #free: FreeConnections;
  readonly #waiting = new WaitingLine();
  /** Each is for one request. */
  readonly #opening = new Set<OngoingRequest>();
  readonly #open = new Set<Connection>();
  readonly #gone = Promise.withResolvers<void>();
  #isServing = false;
  #isClosed = false;

  constructor(options: SocketsOptions) {
    this.#options = options;
    this.#heads = new RequestHeads(options.origin.host);
    this.#free = new FreeConnections(options.clock);
  }

  send(request: OriginRequest, handler: ReplyHandler): void {
    let head: string;
    try {
      if (this.#isClosed) throw closed();
      head = this.#heads.of(request);
    } catch (thrown) {
      return handler.onResponseError(undefined, thrown as Error);
    }
    this.#waiting.push(new OngoingRequest(request, head, handler));
    this.#serve();
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#free.close();
      for (let one = this.#waiting.shift(); one !== undefined; one = this.#waiting.shift()) one.fail(closed());
      // What they opened is ended when it is there.
      for (const request of this.#opening) request.fail(closed());
      for (const connection of this.#open) connection.fail(closed());
      this.#endWhenGone();
    }
    await this.#gone.promise;
  }

  onFree(connection: Connection, freeTime: number): void {
    this.#free.put(connection, freeTime);
    this.#serve();
  }

  onClosed(connection: Connection): void {
    this.#open.delete(connection);
    this.#free.remove(connection);
    this.#endWhenGone();
    this.#serve();
  }

  /** Gives connections to those that wait. It may be called from within: the outermost goes on until nothing is left to do. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      while (!this.#waiting.isEmpty && this.#serveFirst());
    } finally {
      this.#isServing = false;
    }
  }

  /** @returns false when it has to wait */
  #serveFirst(): boolean {
    const connection = this.#free.take();
    if (connection === undefined && this.#open.size + this.#opening.size >= this.#options.most) return false;
    const request = this.#waiting.shift();
    if (request === undefined) return false;
    if (connection === undefined) this.#connect(request);
    else if (!connection.start(request) && connection.isUsable) this.#free.putBack(connection);
    return true;
  }

  #connect(request: OngoingRequest): void {
    const { origin, connect } = this.#options;
    const reading = new SocketReading();
    this.#opening.add(request);
    try {
      const options = { ...connectOptions(origin, request.request), onread: reading.onread };
      // A connector that fails gives null by its type; that of undici leaves the socket out.
      connect(options, (error, socket: Socket | null | undefined) =>
        this.#onConnected({ request, reading }, error, socket ?? undefined),
      );
    } catch (thrown) {
      this.#onConnected({ request, reading }, thrown as Error, undefined);
    }
  }

  #onConnected({ request, reading }: Connecting, error: Error | null, socket: Socket | undefined): void {
    const isAwaited = this.#opening.delete(request);
    if (socket !== undefined && (this.#isClosed || !isAwaited)) discard(socket);
    else if (socket === undefined || socket.destroyed) {
      request.fail(error ?? endedEarly());
      this.#serve();
    } else {
      const connection = new Connection(socket, this, reading);
      this.#open.add(connection);
      if (!connection.start(request) && connection.isUsable) this.onFree(connection, FREE_TIME);
    }
  }

  #endWhenGone(): void {
    if (this.#isClosed && this.#open.size === 0) this.#gone.resolve();
  }
}

function discard(socket: Socket): void {
  // Whatever it says now is for nobody.
  socket.on('error', () => {});
  socket.destroy();
}

function closed(): Error {
  return new Error('the sockets to the server are closed');
}
