import type { OriginRequest } from './origin-request.ts';
import type { ReplyController, ReplyHandler, ReplyHeaders } from './reply-handler.ts';

/** What a request needs of the connection it is on. */
export interface RequestConnection {
  /** Ends the connection because its request is no longer wanted. */
  drop(): void;
  pause(): void;
  resume(): void;
}

/** One request from `send` to its end: tells its handler what comes of it, and ends once. */
export class OngoingRequest implements ReplyController {
  readonly request: OriginRequest;
  /** As it goes on the wire. */
  readonly head: string;
  readonly #handler: ReplyHandler;
  /** Behind it in the line of those that wait. */
  next: OngoingRequest | undefined;
  #connection: RequestConnection | undefined;
  #isSent = false;
  #isOver = false;

  constructor(request: OriginRequest, head: string, handler: ReplyHandler) {
    this.request = request;
    this.head = head;
    this.#handler = handler;
  }

  abort(reason: Error): void {
    if (this.#isOver) return;
    // What was not sent yet has nothing to do with the connection.
    if (this.#isSent) this.#connection?.drop();
    this.fail(reason);
  }

  pause(): void {
    if (!this.#isOver) this.#connection?.pause();
  }

  resume(): void {
    if (!this.#isOver) this.#connection?.resume();
  }

  /** A connection is there. @returns whether the request is still to be sent */
  start(connection: RequestConnection): boolean {
    this.#connection = connection;
    try {
      this.#handler.onRequestStart(this);
    } catch (thrown) {
      this.fail(thrown as Error);
    }
    this.#isSent = !this.#isOver;
    return this.#isSent;
  }

  /** May throw what the handler throws, as `takeBody` may. */
  takeHead(status: number, headers: ReplyHeaders): void {
    this.#handler.onResponseStart(this, status, headers);
  }

  takeBody(piece: Uint8Array): void {
    this.#handler.onResponseData(this, piece);
  }

  /** Of the body that it was given. */
  get keepsNothing(): boolean {
    return this.#handler.keepsNothing === true;
  }

  /** All of its answer is there, and its connection is for others: from here on it can reach it no more. `tellEnd` follows. */
  settle(): void {
    this.#isOver = true;
  }

  tellEnd(): void {
    try {
      this.#handler.onResponseEnd(this);
    } catch (thrown) {
      // The connection may be another request's by now, which has nothing to do with this.
      this.#handler.onResponseError(this, thrown as Error);
    }
  }

  fail(cause: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.onResponseError(this.#connection === undefined ? undefined : this, cause);
  }
}
