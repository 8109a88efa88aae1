import type { Duplex } from 'node:stream';
import { frameHead, FrameReader } from './frames.ts';

export interface LinkOptions {
  /** Both ways; to a process of this host and to nobody else. */
  readonly stream: Duplex;
  /** The other end is gone, and all that it has said is received; or it speaks nonsense, as the error says. Called once. */
  readonly onEnd: (error?: Error) => void;
}

export type LinkReceiver = (message: unknown, payload: Buffer) => void;

/** What two processes of one host tell each other, for each part of it that has something to say. */
export interface Link {
  /** Bytes that wait for the other end to read. */
  readonly waiting: number;
  /** In order, all that is said in one turn in one write. Nothing once the link is over. */
  send(part: number, message: unknown, payload?: Uint8Array): void;
  /** One for each part. */
  receive(part: number, receiver: LinkReceiver): void;
  /** Resolves when the system has all that was said by now, or the link is over: then the other end gets it though this process ends. */
  flushed(): Promise<void>;
  close(): void;
}

/** More than a result may have: what is longer does not come from the other end as it was written. */
const MAX_FRAME = 512 * 1024 * 1024;
/** An end that lets this much wait does not read any more. */
const MAX_WAITING = 1024 * 1024 * 1024;
/** So much is copied into one piece: the system takes many small ones for more. */
const MAX_JOINED = 64 * 1024;

export function createLink({ stream, onEnd }: LinkOptions): Link {
  const receivers: (LinkReceiver | undefined)[] = [];
  const reader = new FrameReader(MAX_FRAME, ({ part, message, payload }) => receivers[part]?.(message, payload));
  let queued: Uint8Array[] = [];
  let queuedBytes = 0;
  let isOver = false;
  function end(error?: Error): void {
    if (isOver) return;
    isOver = true;
    stream.destroy();
    onEnd(error);
  }
  function flush(): void {
    const chunks = queued;
    const bytes = queuedBytes;
    queued = [];
    queuedBytes = 0;
    if (isOver || chunks.length === 0) return;
    if (bytes <= MAX_JOINED) return void stream.write(Buffer.concat(chunks, bytes));
    stream.cork();
    for (const chunk of chunks) stream.write(chunk);
    stream.uncork();
  }
  function add(chunk: Uint8Array): void {
    // After everything that has come in by now: what several sockets said leaves in one write, which halves the system calls
    // at 16 calls in flight.
    if (queued.length === 0) setImmediate(flush);
    queued.push(chunk);
    queuedBytes += chunk.length;
  }
  stream.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk);
    } catch (error) {
      end(error as Error);
    }
  });
  stream
    .on('end', () => end())
    // It is gone, with something unread.
    .on('error', () => end())
    .on('close', () => end());
  return {
    get waiting() {
      return stream.writableLength + queuedBytes;
    },
    send(part, message, payload) {
      if (isOver) return;
      if (stream.writableLength > MAX_WAITING) return end(new Error('the other process does not read'));
      add(frameHead(part, message, payload?.length ?? 0));
      if (payload !== undefined && payload.length > 0) add(payload);
    },
    receive(part, receiver) {
      receivers[part] = receiver;
    },
    flushed() {
      flush();
      return isOver ? Promise.resolve() : untilTaken(stream);
    },
    close: () => end(),
  };
}

/** When the system has all that was written to it by now, or it is closed. */
function untilTaken(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.write('', () => resolve());
  });
}
