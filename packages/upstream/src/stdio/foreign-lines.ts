import type { Clock, Logger } from '@hostler/kernel';
import { printable } from '../printable.ts';

/** Milliseconds between two warnings about the same server. */
const INTERVAL = 10_000;
/** Characters of such a line that are shown. */
const SAMPLE = 200;

export interface ForeignLinesOptions {
  readonly server: string;
  readonly log: Logger;
  readonly clock: Clock;
}

/**
 * Counts the lines of a server's stdout that are no messages: banners, stray prints. They harm nobody, so they are
 * skipped; but their author will want to know.
 */
export class ForeignLines {
  readonly #options: ForeignLinesOptions;
  #count = 0;
  #warnedAt: number | undefined;

  constructor(options: ForeignLinesOptions) {
    this.#options = options;
  }

  add(line: Uint8Array): void {
    this.#count += 1;
    const { server, log, clock } = this.#options;
    const now = clock.now();
    if (this.#warnedAt !== undefined && now - this.#warnedAt < INTERVAL) return;
    this.#warnedAt = now;
    const start = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, 4 * SAMPLE));
    log.warn(
      { server, lines: this.#count, sample: printable(start.toString('utf8'), SAMPLE) },
      'the server writes to its stdout what is no MCP message; it is skipped (programs must log to stderr)',
    );
  }
}
