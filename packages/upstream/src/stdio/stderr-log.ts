import type { Clock, Logger } from '@hostler/kernel';
import type { UpstreamLimits } from '../limits.ts';
import { printable } from '../printable.ts';

/** The last lines kept to explain an unexpected end. */
const TAIL_LINES = 20;
const NEWLINE = 0x0a;
const SECOND = 1_000;

export interface StderrLogOptions {
  readonly server: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly limits: Pick<UpstreamLimits, 'stderrLineBytes' | 'stderrLinesPerSecond'>;
}

/**
 * Takes in a child's stderr as fast as it comes, so that the child never waits, and logs of it what the bounds allow.
 * The level is debug: servers use stderr for their own log, whatever its level.
 */
export class StderrLog {
  readonly #options: StderrLogOptions;
  #parts: Uint8Array[] = [];
  #size = 0;
  readonly #tail: Uint8Array[] = [];
  #second: number | undefined;
  #loggedInSecond = 0;
  #skipped = 0;

  constructor(options: StderrLogOptions) {
    this.#options = options;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, at));
      this.#finishLine();
      start = at + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** The stream ended: what is left is a line too. */
  end(): void {
    if (this.#size > 0) this.#finishLine();
    this.#reportSkipped();
  }

  /** The last lines, to explain an unexpected end. */
  tail(): string[] {
    return this.#tail.map((line) => this.#text(line));
  }

  #keep(piece: Uint8Array): void {
    const room = this.#options.limits.stderrLineBytes - this.#size;
    if (room <= 0 || piece.length === 0) return;
    const kept = piece.subarray(0, room);
    this.#size += kept.length;
    this.#parts.push(kept);
  }

  #finishLine(): void {
    // A copy, so that a short line does not keep the whole chunk that it came in.
    const line = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    if (line.length === 0) return;
    this.#tail.push(line);
    if (this.#tail.length > TAIL_LINES) this.#tail.shift();
    this.#log(line);
  }

  #log(line: Uint8Array): void {
    const { server, log, clock, limits } = this.#options;
    const second = Math.floor(clock.now() / SECOND);
    if (second !== this.#second) {
      this.#reportSkipped();
      this.#second = second;
      this.#loggedInSecond = 0;
    }
    if (this.#loggedInSecond >= limits.stderrLinesPerSecond) {
      this.#skipped += 1;
      return;
    }
    this.#loggedInSecond += 1;
    log.debug({ server, stderr: this.#text(line) }, 'the server wrote to stderr');
  }

  #reportSkipped(): void {
    if (this.#skipped === 0) return;
    const { server, log } = this.#options;
    log.debug({ server, lines: this.#skipped }, 'more lines of stderr were not logged');
    this.#skipped = 0;
  }

  #text(line: Uint8Array): string {
    const { stderrLineBytes } = this.#options.limits;
    return printable(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'), stderrLineBytes);
  }
}
