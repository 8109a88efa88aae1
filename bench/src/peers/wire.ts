import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface WireAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
}

/**
 * One kept connection that has one request on it at a time. Plain sockets, since client and servers share a core, and a
 * throughput that the client limits is not the gateway's: it costs 20 µs a call where undici's dispatch costs 30.
 */
export class WireConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: { readonly resolve: (answer: WireAnswer) => void; readonly reject: (error: Error) => void } | undefined;

  constructor(target: URL) {
    this.#socket = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  get isUsable(): boolean {
    return !this.#socket.destroyed;
  }

  exchange(request: string): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error('the connection was closed'));
        return;
      }
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    try {
      const read = readAnswer(this.#received);
      if (read === undefined) return;
      this.#received = this.#received.subarray(read.length);
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (/^connection: *close/im.test(read.answer.head)) this.#socket.destroy();
      waiting?.resolve(read.answer);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#socket.destroy();
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** The request as it goes over the wire; the caller's header lines each end in a line break. */
export function requestText(method: string, target: URL, headerLines: string, body = ''): string {
  const path = `${target.pathname}${target.search}`;
  const length = Buffer.byteLength(body);
  return `${method} ${path} HTTP/1.1\r\nhost: ${target.host}\r\n${headerLines}content-length: ${length}\r\n\r\n${body}`;
}

/** @returns undefined until the whole of an answer is there. */
export function readAnswer(bytes: Buffer): { readonly answer: WireAnswer; readonly length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  if (!head.startsWith('HTTP/1.1 ') || !Number.isInteger(status))
    throw new Error(`not an answer: ${head.slice(0, 80)}`);
  const start = end + 4;
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) {
    const total = start + Number(length);
    return bytes.length < total
      ? undefined
      : { answer: { status, head, body: bytes.subarray(start, total) }, length: total };
  }
  if (/^transfer-encoding: *chunked/im.test(head)) {
    const read = readChunks(bytes, start);
    return read && { answer: { status, head, body: read.body }, length: read.end };
  }
  if (status === 204 || status === 304)
    return { answer: { status, head, body: bytes.subarray(start, start) }, length: start };
  throw new Error(`an answer that ends with its connection: ${head.slice(0, 80)}`);
}

function readChunks(bytes: Buffer, start: number): { readonly body: Buffer; readonly end: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    if (!(size >= 0)) throw new Error('a chunk without a size');
    const next = line + 2 + size + 2;
    if (bytes.length < next) return undefined;
    const [first, ...more] = parts;
    if (size === 0) return { body: first !== undefined && more.length === 0 ? first : Buffer.concat(parts), end: next };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = next;
  }
}
