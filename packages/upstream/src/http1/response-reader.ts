import { bodyLength } from './body-length.ts';
import { ChunkFraming } from './chunk-framing.ts';
import { freeTimeOf } from './free-time.ts';
import { HeadGathering } from './head-gathering.ts';
import { violation } from './reply-errors.ts';
import type { ReplyHeaders } from './reply-handler.ts';
import type { ResponseHead } from './response-head.ts';
import { ResponseHeads } from './response-heads.ts';

/** Hears what the bytes of a connection say. */
export interface ResponseListener {
  onHead(status: number, headers: ReplyHeaders): void;
  onBody(piece: Uint8Array): void;
  /** @param freeTime milliseconds that the connection may stay free; 0: it may not be used again */
  onComplete(freeTime: number): void;
}

/** `nothing` is awaited, a head, the rest of a body that is delimited in one of three ways; or all is `there`. */
type Phase = 'nothing' | 'head' | 'length' | 'chunked' | 'connection' | 'there';

/** Heads with 1xx before that of the answer: a server that has nothing else to say shall not keep us reading. */
const MOST_INTERIM = 64;
const SWITCHING_PROTOCOLS = 101;

/** Reads responses off one connection, one after the other, wherever TCP cuts them. Body bytes are never copied. */
export class ResponseReader {
  readonly #listener: ResponseListener;
  readonly #gathering = new HeadGathering();
  readonly #heads = new ResponseHeads();
  readonly #framing = new ChunkFraming();
  #phase: Phase = 'nothing';
  #head: ResponseHead | undefined;
  #interim = 0;
  /** Bytes of the body that are still to come, where its length is known. */
  #remaining = 0;
  #isPaused = false;
  /** What was read when the listener had it wait. */
  #held: Buffer | undefined;

  constructor(listener: ResponseListener) {
    this.#listener = listener;
  }

  /** Whether bytes wait here, or the end of the response. */
  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** A request is on its way: the next bytes are its answer. */
  begin(): void {
    this.#phase = 'head';
    this.#interim = 0;
  }

  /** @throws HTTP_PARSER, and what the listener throws: then nothing more is to be pushed */
  push(chunk: Buffer): void {
    if (this.#held === undefined) this.#read(chunk);
    else this.#held = Buffer.concat([this.#held, chunk]);
  }

  /** @returns whether the end of the connection is the end of the response; false: something is missing */
  end(): boolean {
    if (this.#phase !== 'connection') return false;
    this.#complete(0);
    return true;
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** @throws as `push` */
  resume(): void {
    this.#isPaused = false;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#read(held);
  }

  /** The rest of the response is for nobody. */
  stop(): void {
    this.#phase = 'nothing';
    this.#held = undefined;
    this.#head = undefined;
    this.#gathering.clear();
  }

  #read(chunk: Buffer): void {
    let at = 0;
    for (;;) {
      if (this.#phase === 'nothing') return;
      const isThere = this.#phase === 'there';
      if (at === chunk.length && !isThere) return;
      if (this.#isPaused) {
        this.#held = chunk.subarray(at);
        return;
      }
      // Bytes beyond its end: nobody asked for them, and what they belong to cannot be known.
      if (isThere) return this.#complete(at === chunk.length && this.#head ? freeTimeOf(this.#head) : 0);
      at = this.#step(chunk, at);
    }
  }

  #step(chunk: Buffer, at: number): number {
    if (this.#phase === 'head') return this.#readHead(chunk, at);
    if (this.#phase === 'length') return this.#readLength(chunk, at);
    if (this.#phase === 'chunked') return this.#readChunked(chunk, at);
    this.#listener.onBody(at === 0 ? chunk : chunk.subarray(at));
    return chunk.length;
  }

  #readHead(chunk: Buffer, at: number): number {
    const next = this.#gathering.take(chunk, at);
    const { text } = this.#gathering;
    if (text === '') return next;
    const head = this.#heads.read(text);
    if (head.status < 200) {
      // Source: RFC 9110, 15.2: any number may come; 101 answers an `upgrade`, and none was sent.
      if (head.status === SWITCHING_PROTOCOLS) throw violation('it switches to another protocol');
      if (++this.#interim > MOST_INTERIM) throw violation('it has too many heads before its answer');
      return next;
    }
    const length = bodyLength(head);
    this.#head = head;
    if (length === 'chunked') this.#framing.begin();
    if (typeof length !== 'number') this.#phase = length;
    else {
      this.#remaining = length;
      this.#phase = length === 0 ? 'there' : 'length';
    }
    this.#listener.onHead(head.status, head.headers);
    return next;
  }

  #readLength(chunk: Buffer, at: number): number {
    const end = Math.min(at + this.#remaining, chunk.length);
    this.#remaining -= end - at;
    if (this.#remaining === 0) this.#phase = 'there';
    this.#listener.onBody(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
    return end;
  }

  #readChunked(chunk: Buffer, at: number): number {
    const framing = this.#framing;
    if (framing.remaining === 0) {
      const next = framing.read(chunk, at);
      if (framing.isOver) this.#phase = 'there';
      return next;
    }
    const end = Math.min(at + framing.remaining, chunk.length);
    framing.pass(end - at);
    this.#listener.onBody(chunk.subarray(at, end));
    return end;
  }

  #complete(freeTime: number): void {
    this.#phase = 'nothing';
    this.#head = undefined;
    this.#listener.onComplete(freeTime);
  }
}
