import type { Socket } from 'node:net';
import { FREE_TIME } from './free-time.ts';
import type { OngoingRequest, RequestConnection } from './ongoing-request.ts';
import { endedEarly } from './reply-errors.ts';
import type { ReplyHeaders } from './reply-handler.ts';
import { ResponseReader } from './response-reader.ts';
import type { ResponseListener } from './response-reader.ts';
import type { ReadListener, SocketReading } from './socket-reading.ts';

export interface ConnectionOwner {
  /** Its request is over, and it may take another one within so many milliseconds. */
  onFree(connection: Connection, freeTime: number): void;
  /** Its socket is closed, and all that came on it is delivered. It may be said twice. */
  onClosed(connection: Connection): void;
}

/** `end`: in order, by the server. */
type Ending = Error | 'end';

/** Up to here it costs less to copy a body behind its head than to hand two pieces to the kernel. */
const ONE_WRITE = 16 * 1024;

/** One socket, with at most one request on it at a time. */
export class Connection implements ResponseListener, RequestConnection, ReadListener {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #reader = new ResponseReader(this);
  #request: OngoingRequest | undefined;
  #isUsable = true;
  #isPaused = false;
  #keepsProcess = true;
  /** How the connection ended while what was read before that waits to be taken. */
  #ending: Ending | undefined;
  #isClosed = false;
  /** Until when it may be taken, while it is free. */
  freeUntil = 0;

  /** @param reading where the socket was told to read to: one that can be told so */
  constructor(socket: Socket, owner: ConnectionOwner, reading: SocketReading) {
    this.#socket = socket;
    this.#owner = owner;
    reading.listener = this;
    socket.on('data', (chunk: Buffer) => void this.onRead(chunk));
    socket.on('end', () => this.#onEnding('end'));
    socket.on('error', (error: Error) => this.#onEnding(error));
    socket.on('close', () => {
      this.#isClosed = true;
      this.#onEnding(endedEarly());
    });
  }

  /** Whether the server has not ended it, nor we. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Takes a free connection into use. @returns false when the request was given up instead: the connection is free still */
  start(request: OngoingRequest): boolean {
    if (!this.#keepsProcess) this.#setKeepsProcess(true);
    this.#request = request;
    const isWanted = request.start(this);
    if (isWanted && this.#isUsable) {
      this.#reader.begin();
      this.#write(request.head, request.request.body);
      return true;
    }
    this.#request = undefined;
    if (isWanted) request.fail(endedEarly());
    this.resume();
    return false;
  }

  /** Ends it, and fails its request. */
  fail(cause: Error): void {
    const request = this.#request;
    this.drop();
    request?.fail(cause);
  }

  drop(): void {
    this.#request = undefined;
    this.#isUsable = false;
    this.#reader.stop();
    this.#socket.destroy();
    if (this.#isClosed) this.#owner.onClosed(this);
  }

  pause(): void {
    this.#isPaused = true;
    this.#reader.pause();
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    try {
      this.#reader.resume();
    } catch (thrown) {
      return this.fail(thrown as Error);
    }
    // The listener may have had enough again.
    if (this.#reader.isHolding) return;
    if (this.#ending !== undefined) this.#finish(this.#ending);
    else if (!this.#isPaused) this.#socket.resume();
  }

  onHead(status: number, headers: ReplyHeaders): void {
    this.#request?.takeHead(status, headers);
  }

  onBody(piece: Uint8Array): void {
    this.#request?.takeBody(piece);
  }

  onComplete(freeTime: number): void {
    const request = this.#request;
    this.#request = undefined;
    request?.settle();
    // What is left of the request would be taken for the beginning of the next one.
    if (freeTime > 0 && this.#isUsable && this.#socket.writableLength === 0) {
      // For a moment it may keep the process alive, rather than be told of each call.
      if (freeTime > FREE_TIME) this.#setKeepsProcess(false);
      this.#owner.onFree(this, freeTime);
    } else this.drop();
    request?.tellEnd();
  }

  #setKeepsProcess(keeps: boolean): void {
    this.#keepsProcess = keeps;
    if (keeps) this.#socket.ref();
    else this.#socket.unref();
  }

  onRead(chunk: Buffer): boolean {
    const request = this.#request;
    // Nobody asked for them: what they belong to cannot be known.
    if (request === undefined) this.drop();
    else this.#read(chunk);
    // One that has begun since does not know what was done with it.
    return request !== undefined && request === this.#request && request.keepsNothing && !this.#reader.isHolding;
  }

  #read(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (thrown) {
      this.fail(thrown as Error);
    }
  }

  #onEnding(ending: Ending): void {
    this.#isUsable = false;
    if (this.#reader.isHolding) this.#ending ??= ending;
    else this.#finish(ending);
  }

  #finish(ending: Ending): void {
    if (ending !== 'end') return this.fail(ending);
    if (!this.#reader.end()) this.fail(endedEarly());
  }

  #write(head: string, body: Uint8Array | undefined): void {
    const socket = this.#socket;
    if (body === undefined || body.length === 0) socket.write(head, 'latin1');
    else if (body.length <= ONE_WRITE) {
      const bytes = Buffer.allocUnsafe(head.length + body.length);
      bytes.write(head, 'latin1');
      bytes.set(body, head.length);
      socket.write(bytes);
    } else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    }
  }
}
