import type { Clock } from '@hostler/kernel';
import { createEventReader } from '@hostler/protocol';
import type { EventReader, StreamEvent } from '@hostler/protocol';
import type { MessageScreen } from '@hostler/secrets';
import type { ReplyController, ReplyHandler, ReplyHeaders } from '../http1/reply-handler.ts';

export interface ReplyHead {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly form: 'json' | 'events' | 'other';
}

export type ReplyFailure =
  /** No connection: the request was never sent. */
  | { readonly kind: 'unreachable'; readonly cause: Error }
  /** The connection broke after the request was sent. */
  | { readonly kind: 'broken'; readonly cause: Error }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'encoded' };

/** Hears about the reply to one HTTP request. `onEnd` or `onFailure` comes last, and neither after `stop`. */
export interface ReplyListener {
  onHead?(head: ReplyHead): void;
  /** One event of an event stream. */
  onEvent(event: StreamEvent): void;
  /** `body` holds the whole JSON; it is empty for the other forms. */
  onEnd(head: ReplyHead, body: Uint8Array): void;
  /** Whether `onLarge` may take a body of so many bytes. */
  mayPass?(bytes: number): boolean;
  /**
   * A JSON body is large: whether the listener takes what is there and all the rest of it, piece by piece, in the place of
   * `onEnd` and `onFailure`. Nobody has searched it for secrets.
   * @param resume has the body go on, after a `push` that said no
   */
  onLarge?(head: ReplyHead, first: Uint8Array, resume: () => void): LargeBody | undefined;
  onFailure(failure: ReplyFailure): void;
}

/** Takes a body in pieces. */
export interface LargeBody {
  /** @returns false when the next piece should wait: it may come all the same when the server ends the connection */
  push(chunk: Uint8Array): boolean;
  /** Nothing of what was pushed is read any more. */
  readonly keepsNothing: boolean;
  end(): void;
  /** The connection broke. */
  broken(cause: Error): void;
}

export interface ReplyReaderOptions {
  readonly listener: ReplyListener;
  /** Bound on a JSON body and on one event. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Looks at each whole message before anybody else does. */
  readonly screen: MessageScreen | undefined;
}

/** Reads the reply to one HTTP request: a bounded body gathered once, or the events of a stream. */
export class ReplyReader implements ReplyHandler {
  readonly #listener: ReplyListener;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #screen: MessageScreen | undefined;
  #controller: ReplyController | undefined;
  #head: ReplyHead | undefined;
  #events: EventReader | undefined;
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** Bytes of a body beyond which it is looked at what becomes of it: one comparison for each piece of a small one. */
  #bound = 0;
  #large: LargeBody | undefined;
  #silent = false;
  #over = false;
  #endLinger: (() => void) | undefined;

  constructor(options: ReplyReaderOptions) {
    this.#listener = options.listener;
    this.#maxBytes = options.maxBytes;
    this.#clock = options.clock;
    this.#screen = options.screen;
  }

  /** Whether the request was handed to a connection. */
  get sent(): boolean {
    return this.#controller !== undefined;
  }

  /** Ends it here and now, with its socket; the listener hears no more. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#endLinger?.();
    this.#chunks = [];
    this.#controller?.abort(new Error('the reply is no longer wanted'));
  }

  /** The listener has what it wants; the server gets a moment to end the stream itself, so that its socket can be reused. */
  release(): void {
    if (this.#over || this.#silent) return;
    this.#silent = true;
    this.#endLinger = this.#clock.after(LINGER, () => this.stop());
  }

  onRequestStart(controller: ReplyController): void {
    if (this.#over) controller.abort(new Error('the request was given up before it was sent'));
    else this.#controller = controller;
  }

  onResponseStart(_: ReplyController, status: number, headers: ReplyHeaders): void {
    if (this.#over) return;
    const head: ReplyHead = { status, headers, form: formOf(headers['content-type']) };
    this.#head = head;
    const encoding = headers['content-encoding'];
    // `accept-encoding: identity` was sent: an encoded answer may be a bomb, and decoding it is refused.
    if (encoding !== undefined && encoding !== 'identity') return this.#fail({ kind: 'encoded' });
    if (head.form === 'json' && this.#saysTooLarge(head)) return this.#fail({ kind: 'too-large' });
    this.#bound = this.#boundOf(head);
    if (head.form === 'events') this.#events = this.#openEvents();
    this.#listener.onHead?.(head);
    if (head.form !== 'other') return;
    this.#listener.onEnd(head, EMPTY);
    this.release();
  }

  onResponseData(_: ReplyController, chunk: Uint8Array): void {
    if (this.#over) return;
    if (this.#events !== undefined) return this.#events.push(chunk);
    this.#size += chunk.length;
    if (this.#head?.form === 'other') {
      if (this.#size > DRAINED_BYTES) this.stop();
    } else if (this.#size > this.#bound) this.#onBeyond(chunk);
    else this.#chunks.push(chunk);
  }

  get keepsNothing(): boolean {
    return this.#large?.keepsNothing === true;
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#endLinger?.();
    if (this.#silent || this.#head === undefined) return;
    if (this.#large !== undefined) return this.#large.end();
    const chunks = this.#chunks;
    this.#chunks = [];
    const body = joined(chunks);
    this.#listener.onEnd(this.#head, body.length === 0 ? body : this.#screened(body));
  }

  onResponseError(_: ReplyController | undefined, cause: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#endLinger?.();
    this.#chunks = [];
    if (this.#silent) return;
    if (this.#large !== undefined) this.#large.broken(cause);
    else this.#listener.onFailure({ kind: this.sent ? 'broken' : 'unreachable', cause });
  }

  #onBeyond(chunk: Uint8Array): void {
    if (this.#large !== undefined) {
      if (!this.#large.push(chunk)) this.#controller?.pause();
      return;
    }
    if (this.#bound === this.#maxBytes) return this.#fail({ kind: 'too-large' });
    this.#chunks.push(chunk);
    this.#offer();
  }

  /** What says that it is large need not be held until it is. */
  #boundOf({ headers }: ReplyHead): number {
    if (this.#listener.onLarge === undefined) return this.#maxBytes;
    const isLarge = Number(headers['content-length']) > LARGE_BYTES;
    return Math.min(isLarge ? FIRST_BYTES : LARGE_BYTES, this.#maxBytes);
  }

  /** Hands a large body over, or goes on holding it. */
  #offer(): void {
    const head = this.#head as ReplyHead;
    const first = joined(this.#chunks);
    this.#chunks = [];
    this.#large = this.#listener.onLarge?.(head, first, () => {
      if (!this.#over) this.#controller?.resume();
    });
    if (this.#large !== undefined || this.#over) return;
    this.#bound = this.#maxBytes;
    this.#chunks = [first];
    if (this.#size > this.#maxBytes || this.#saysTooLarge(head)) this.#fail({ kind: 'too-large' });
  }

  #saysTooLarge({ headers }: ReplyHead): boolean {
    const length = Number(headers['content-length']);
    return length > this.#maxBytes && (this.#size > 0 || this.#listener.mayPass?.(length) !== true);
  }

  #screened(message: Uint8Array): Uint8Array {
    return this.#screen === undefined ? message : this.#screen.incoming(message);
  }

  #openEvents(): EventReader {
    return createEventReader({
      maxEventBytes: this.#maxBytes,
      onEvent: (event) => {
        if (this.#over || this.#silent) return;
        this.#listener.onEvent(
          this.#screen && isMessage(event) ? { ...event, data: this.#screened(event.data) } : event,
        );
      },
      onOverflow: () => this.#fail({ kind: 'too-large' }),
    });
  }

  #fail(failure: ReplyFailure): void {
    if (this.#over) return;
    const silent = this.#silent;
    this.stop();
    if (!silent) this.#listener.onFailure(failure);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

function isMessage({ event, data }: StreamEvent): boolean {
  return event === 'message' && data.length > 0;
}

function formOf(contentType: string | string[] | undefined): ReplyHead['form'] {
  if (typeof contentType !== 'string') return 'other';
  const end = contentType.indexOf(';');
  const type = (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'text/event-stream' ? 'events' : 'other';
}

const EMPTY = new Uint8Array();
/** What is held of every body, and all of most. */
const LARGE_BYTES = 256 * 1024;
/** Of a body that says that it is large: its result begins before that, or it is held. */
const FIRST_BYTES = 16 * 1024;
/** Milliseconds for a server to end a stream whose answer has come. */
const LINGER = 1_000;
/** What is read of a body that nobody wants, to keep its socket. */
const DRAINED_BYTES = 64 * 1024;
