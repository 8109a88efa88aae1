import type { Writable } from 'node:stream';
import type { Clock } from '@hostler/kernel';

export interface InputQueueOptions {
  readonly input: Writable;
  readonly clock: Clock;
  /** Bytes that may wait for a child that does not read. */
  readonly maxBytes: number;
  /** Milliseconds that a child may leave its input unread while more waits. */
  readonly writeTimeout: number;
  /** The child did not read for that long. */
  readonly onStalled: () => void;
}

/** Writes messages to a child's stdin: those of one turn of the event loop together, bounded, and with a deadline. */
export class InputQueue {
  readonly #options: InputQueueOptions;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #flushPlanned = false;
  #stopTimer: (() => void) | undefined;
  #closed = false;

  constructor(options: InputQueueOptions) {
    this.#options = options;
    options.input.on('drain', () => {
      this.#stopTimer?.();
      this.#stopTimer = undefined;
    });
  }

  /** @returns false when the message was not taken. */
  push(line: Buffer): boolean {
    const { input, maxBytes } = this.#options;
    if (this.#closed || this.#waitingBytes + input.writableLength + line.length > maxBytes) return false;
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (!this.#flushPlanned) {
      this.#flushPlanned = true;
      setImmediate(() => this.#flush());
    }
    return true;
  }

  /** Writes what is left and ends the input. */
  end(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#stopTimer?.();
    this.#options.input.end();
  }

  #flush(): void {
    this.#flushPlanned = false;
    if (this.#closed || this.#waiting.length === 0) return;
    const { input, clock, writeTimeout, onStalled } = this.#options;
    const [first] = this.#waiting;
    const bytes = this.#waiting.length === 1 && first ? first : Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (!input.write(bytes)) this.#stopTimer ??= clock.after(writeTimeout, onStalled);
  }
}
