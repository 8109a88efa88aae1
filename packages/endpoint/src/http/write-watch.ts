/** Bytes per millisecond that a reader must take of a large answer, beyond the time that every reader gets. */
export const SLOWEST = 64;

/** The part of a stream that is looked at. */
export interface Waiting {
  /** Bytes that were written and not taken yet. */
  readonly writableLength: number;
}

/** Notices a reader that takes nothing of what was written for it. */
export class WriteWatch {
  readonly #stream: Waiting;
  readonly #timeout: number;
  #written = 0;
  #taken = 0;
  #since: number | undefined;

  constructor(stream: Waiting, timeout: number) {
    this.#stream = stream;
    this.#timeout = timeout;
  }

  count(bytes: number): void {
    this.#written += bytes;
  }

  isStalled(now: number): boolean {
    const waiting = this.#stream.writableLength;
    const taken = this.#written - waiting;
    if (waiting === 0 || taken !== this.#taken || this.#since === undefined) {
      this.#taken = taken;
      this.#since = now;
      return false;
    }
    return now - this.#since > this.#timeout + waiting / SLOWEST;
  }
}
