import type { ServerResponse } from 'node:http';

/** Bytes per millisecond that a reader must take of a large answer, beyond the time that every reader gets. */
const SLOWEST = 64;

/** Notices a reader that takes nothing of what was written for it. */
export class WriteWatch {
  readonly #response: ServerResponse;
  readonly #timeout: number;
  #written = 0;
  #taken = 0;
  #since: number | undefined;

  constructor(response: ServerResponse, timeout: number) {
    this.#response = response;
    this.#timeout = timeout;
  }

  count(bytes: number): void {
    this.#written += bytes;
  }

  isStalled(now: number): boolean {
    const waiting = this.#response.writableLength;
    const taken = this.#written - waiting;
    if (waiting === 0 || taken !== this.#taken || this.#since === undefined) {
      this.#taken = taken;
      this.#since = now;
      return false;
    }
    return now - this.#since > this.#timeout + waiting / SLOWEST;
  }
}
