import { writeSync } from 'node:fs';
import type { Clock } from '@hostler/kernel';
import type { SealedLine } from './record.ts';

/** To a place of a file. @returns how many bytes were written */
export type WriteSync = (file: number, bytes: Uint8Array, position: number) => number;

const writeToDisk: WriteSync = (file, bytes, position) => writeSync(file, bytes, 0, bytes.length, position);

export interface DirectWriterOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Default: that of Node. */
  readonly write?: WriteSync;
}

/** Bytes that are written at once: more of them would keep everything else waiting. */
const ROOM = 256 * 1_024;
const BYTES_OF_CHARACTER = 3;
/**
 * Milliseconds that show that the disk is slow: of one write, and of the mean of about the last sixteen. Some of them are a
 * process that had to wait for a core, which one write may always do.
 */
const SLOW_WRITE = 100;
const SLOW_MEAN = 5;
const WEIGHT = 1 / 16;
/** Milliseconds for which it is taken to be slow then. */
const SLOW_TIME = 1_000;

/**
 * Writes to a file within the turn. That copies into the cache of the system: 2 µs for a record, where going through Node's
 * thread pool takes 20 µs of CPU and those who wait 100 µs. A disk that has made writes wait gets none in a turn until for a
 * second all have been quick.
 */
export class DirectWriter {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #write: WriteSync;
  readonly #room = Buffer.allocUnsafeSlow(ROOM);
  #mean = 0;
  #slowUntil = Number.NEGATIVE_INFINITY;

  constructor({ clock, write = writeToDisk }: DirectWriterOptions) {
    this.#clock = clock;
    this.#write = write;
  }

  /** @returns how many bytes have been added; undefined: these are to be written otherwise, at the same place */
  write(file: number, lines: readonly SealedLine[], position: number): number | undefined {
    const begun = this.#clock.now();
    if (begun < this.#slowUntil) return undefined;
    const length = this.#encode(lines);
    if (length === undefined) return undefined;
    try {
      const written = this.#write(file, this.#room.subarray(0, length), position);
      // What is left of a short write is written otherwise, and with it the reason is found.
      return written === length ? length : undefined;
    } catch {
      return undefined;
    } finally {
      const now = this.#clock.now();
      this.#mean += (now - begun - this.#mean) * WEIGHT;
      if (this.#mean >= SLOW_MEAN) this.#isSlow(now);
      else this.took(begun, now);
    }
  }

  /** A write has ended that began then, of whichever kind. */
  took(begun: number, now = this.#clock.now()): void {
    if (now - begun >= SLOW_WRITE) this.#isSlow(now);
  }

  #isSlow(now: number): void {
    this.#mean = 0;
    this.#slowUntil = now + SLOW_TIME;
  }

  /** @returns how many bytes there are; undefined: too many */
  #encode(lines: readonly SealedLine[]): number | undefined {
    let texts = '';
    for (const { text } of lines) texts += `${text}\n`;
    return texts.length * BYTES_OF_CHARACTER > ROOM ? undefined : this.#room.write(texts);
  }
}
