import type { Socket } from 'node:net';
import type { HttpResponse } from '@hostler/endpoint';
import { dateLine, FieldLines, statusLine } from './response-head.ts';
import type { HeadFields } from './response-head.ts';

export interface ResponseOwner {
  /** Lines that every head has. */
  readonly lines: string;
  /** Lines that say whether another request may follow. */
  readonly connectionLines: string;
  /** The operating system has the last byte. */
  onAnswered(mayFollow: boolean): void;
}

const LAST_CHUNK = '0\r\n\r\n';
/** Source: RFC 9110, 15.3.5 and 15.4.5. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** Writes one answer. It means by everything what Node's response means by it, and has no more of it than is needed. */
export class DirectResponse implements HttpResponse {
  headersSent = false;
  destroyed = false;
  readonly #socket: Socket;
  readonly #owner: ResponseOwner;
  #status = 0;
  /** What is still to be written of the head; undefined: nothing. */
  #head: string | undefined;
  #hasLength = false;
  #hasDate = false;
  #saysClose = false;
  #isChunked = false;
  #isCorked = false;
  #isEnded = false;
  #onClose: (() => void)[] | undefined;
  #onDrain: (() => void)[] | undefined;

  constructor(socket: Socket, owner: ResponseOwner) {
    this.#socket = socket;
    this.#owner = owner;
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  get isFlushed(): boolean {
    return this.#socket.writableLength === 0;
  }

  writeHead(status: number, fields?: HeadFields): void {
    if (this.headersSent) throw new Error('The head of this answer is written already.');
    const lines = fields === undefined ? undefined : new FieldLines(fields);
    this.#hasLength = lines?.hasLength === true;
    this.#hasDate = lines?.hasDate === true;
    this.#saysClose = lines?.saysClose === true;
    this.#status = status;
    this.#head = statusLine(status) + (lines?.text ?? '');
    this.headersSent = true;
  }

  flushHeaders(): void {
    if (this.#head !== undefined && !this.destroyed) this.#socket.write(this.#takeHead(undefined), 'latin1');
  }

  cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
  }

  write(bytes: Uint8Array): boolean {
    if (this.destroyed || this.#isEnded) return false;
    // As a chunk it would be the last one.
    if (bytes.length === 0) return true;
    const socket = this.#socket;
    socket.cork();
    this.flushHeaders();
    if (this.#isChunked) socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
    let goesOn = socket.write(bytes);
    if (this.#isChunked) goesOn = socket.write('\r\n', 'latin1');
    socket.uncork();
    return goesOn;
  }

  end(body = ''): void {
    if (this.destroyed || this.#isEnded) return;
    this.#isEnded = true;
    if (!this.headersSent) this.writeHead(200);
    // Whoever writes a body without saying its length has said it with this.
    const head = this.#head === undefined ? '' : this.#takeHead(body.length);
    const rest = this.#isChunked ? chunkOf(body) + LAST_CHUNK : body;
    this.#socket.write(head + rest, 'latin1', (error) => {
      if (!error) this.#answered();
    });
    if (this.#isCorked) this.#socket.uncork();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#socket.destroy();
  }

  on(event: 'close' | 'drain', listener: () => void): void {
    if (event === 'drain') (this.#onDrain ??= []).push(listener);
    else if (this.#onClose === undefined) this.#onClose = [listener];
    else this.#onClose.push(listener);
  }

  once(event: 'close' | 'drain', listener: () => void): void {
    // It closes once anyway.
    if (event === 'close') return this.on(event, listener);
    const once = (): void => {
      this.#onDrain = this.#onDrain?.filter((each) => each !== once);
      listener();
    };
    this.on(event, once);
  }

  /** The socket takes more. */
  drained(): void {
    for (const listener of this.#onDrain ?? []) listener();
  }

  /** The socket is closed, or the answer is out. */
  closed(): void {
    this.destroyed = true;
    const listeners = this.#onClose ?? [];
    this.#onClose = undefined;
    for (const listener of listeners) listener();
  }

  #answered(): void {
    if (this.destroyed) return;
    this.closed();
    this.#owner.onAnswered(!this.#saysClose);
  }

  /** @param length of the body, where that is known by now */
  #takeHead(length: number | undefined): string {
    const head = this.#head ?? '';
    this.#head = undefined;
    const { lines, connectionLines } = this.#owner;
    const connection = this.#saysClose ? '' : connectionLines;
    // What another process has answered has the date of that.
    const date = this.#hasDate ? '' : dateLine();
    return `${head}${this.#framing(length)}${lines}${date}${connection}\r\n`;
  }

  /** Source: RFC 9112, 6.3. */
  #framing(length: number | undefined): string {
    if (this.#hasLength || BODILESS.has(this.#status)) return '';
    if (length !== undefined) return `content-length: ${length}\r\n`;
    this.#isChunked = true;
    return 'transfer-encoding: chunked\r\n';
  }
}

function chunkOf(body: string): string {
  return body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
}
