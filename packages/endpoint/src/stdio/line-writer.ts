import type { Writable } from 'node:stream';
import { onOneLine } from '@hostler/protocol';
import type { Outlet } from '../core/reply.ts';

const LINE_BREAK = Buffer.from('\n');

export interface LineWriterOptions {
  readonly output: Writable;
  /** What may wait for a client that does not read. */
  readonly maxWaiting: number;
  /** More than `maxWaiting` waits. Called once. */
  onStuck(): void;
}

/** Writes messages, one a line. The messages of one turn leave in one write. */
export class LineWriter implements Outlet {
  readonly #options: LineWriterOptions;
  #corked = false;
  #ended = false;

  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  send(message: Uint8Array): boolean {
    const { output, maxWaiting } = this.#options;
    if (this.#ended || output.destroyed) return false;
    if (output.writableLength > maxWaiting) {
      this.#ended = true;
      this.#options.onStuck();
      return false;
    }
    if (!this.#corked) {
      this.#corked = true;
      output.cork();
      process.nextTick(() => this.#flush());
    }
    output.write(onOneLine(message));
    output.write(LINE_BREAK);
    return true;
  }

  /** The output itself is not ours to end. */
  end(): void {
    this.#ended = true;
    this.#flush();
  }

  #flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#options.output.uncork();
  }
}
