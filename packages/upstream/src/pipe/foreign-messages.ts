import type { Clock, Logger } from '@hostler/kernel';
import { printable } from '../printable.ts';

/** Milliseconds between two warnings about the same server. */
const INTERVAL = 10_000;
/** Characters of it that are shown. */
const SAMPLE = 200;

export interface ForeignMessagesOptions {
  readonly server: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** What the log says of them. */
  readonly warning: string;
}

/**
 * Counts what a server sends that is no message: banners, stray prints. It harms nobody, so it is skipped; but its author
 * will want to know.
 */
export class ForeignMessages {
  readonly #options: ForeignMessagesOptions;
  #count = 0;
  #warnedAt: number | undefined;

  constructor(options: ForeignMessagesOptions) {
    this.#options = options;
  }

  add(bytes: Uint8Array): void {
    this.#count += 1;
    const { server, log, clock, warning } = this.#options;
    const now = clock.now();
    if (this.#warnedAt !== undefined && now - this.#warnedAt < INTERVAL) return;
    this.#warnedAt = now;
    const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4 * SAMPLE));
    const sample = printable(start.toString('utf8'), SAMPLE, start.length < bytes.length);
    log.warn({ server, count: this.#count, sample }, warning);
  }
}
