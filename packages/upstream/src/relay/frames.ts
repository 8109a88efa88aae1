/** One message between two processes of this host: of which part of it, what it says, and bytes that nobody has to read. */
export interface Frame {
  readonly part: number;
  readonly message: unknown;
  readonly payload: Buffer;
}

/** Length of what follows, part, length of the message. */
const HEAD = 9;
const NOTHING = Buffer.alloc(0);

/** The head and the message; the payload goes behind them as it is, so that large results are not copied. */
export function frameHead(part: number, message: unknown, payloadBytes: number): Buffer {
  const text = JSON.stringify(message);
  const bytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(HEAD + bytes);
  frame.writeUInt32LE(HEAD - 4 + bytes + payloadBytes, 0);
  frame.writeUInt8(part, 4);
  frame.writeUInt32LE(bytes, 5);
  frame.write(text, HEAD, 'utf8');
  return frame;
}

/**
 * Puts frames together again.
 * @throws RangeError for one that is longer than any that the other end makes: it is not to be believed any more
 */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #onFrame: (frame: Frame) => void;
  #chunks: Buffer[] = [];
  #size = 0;
  /** What has to be there before there is anything to do. */
  #wanted = HEAD;

  constructor(maxBytes: number, onFrame: (frame: Frame) => void) {
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#size);
    this.#wanted = HEAD;
    while (bytes.length >= HEAD) {
      const total = 4 + bytes.readUInt32LE(0);
      if (total > this.#maxBytes || total < HEAD) throw new RangeError('a frame is too long');
      this.#wanted = total;
      if (bytes.length < total) break;
      this.#onFrame(readFrame(bytes.subarray(0, total)));
      bytes = bytes.subarray(total);
      this.#wanted = HEAD;
    }
    this.#chunks = bytes.length === 0 ? [] : [bytes];
    this.#size = bytes.length;
  }
}

function readFrame(bytes: Buffer): Frame {
  const end = HEAD + bytes.readUInt32LE(5);
  if (end > bytes.length) throw new RangeError('a message is longer than its frame');
  return {
    part: bytes.readUInt8(4),
    message: JSON.parse(bytes.toString('utf8', HEAD, end)) as unknown,
    payload: end === bytes.length ? NOTHING : bytes.subarray(end),
  };
}
