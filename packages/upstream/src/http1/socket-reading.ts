import type { OnReadOpts } from 'node:net';

/** What was read of a socket goes here. */
export interface ReadListener {
  /** @returns whether nothing of it is kept any more */
  onRead(chunk: Buffer): boolean;
}

/** As much as Node would read at once. */
const SIZE = 64 * 1024;
/** Bytes of one read that show that a large result goes by. */
const LARGE = 16 * 1024;

/** Every socket reads into it: what is read is copied out of it before anything else is read. */
let shared: Buffer | undefined;

/**
 * Where one socket reads to. Node makes new memory of 64 KiB for each read, of which an answer of a tool takes a few hundred
 * bytes: 3 µs of a call, with what collecting it costs. So small answers are copied out of memory that all sockets share; and while
 * a large result goes by, its socket has memory of its own, which is read into again and again: without that, a result of 1 MB
 * leaves as much behind, and the engine walks through the whole heap for every seventy of them. A stream of small events has none: it
 * may stand for days.
 */
export class SocketReading {
  /** For `net.connect`. */
  readonly onread: OnReadOpts = {
    buffer: () => this.#own ?? (shared ??= Buffer.allocUnsafeSlow(SIZE)),
    callback: (length, bytes) => this.#take(bytes as Buffer, length),
  };
  listener: ReadListener | undefined;
  #own: Buffer | undefined;

  #take(bytes: Buffer, length: number): boolean {
    const own = this.#own;
    const piece = bytes.subarray(0, length);
    const isFree = this.listener?.onRead(own === undefined ? Buffer.from(piece) : piece) === true;
    // What is kept is read where it is: what comes next goes elsewhere.
    this.#own = isFree && length >= LARGE ? (own ?? Buffer.allocUnsafeSlow(SIZE)) : undefined;
    return true;
  }
}
