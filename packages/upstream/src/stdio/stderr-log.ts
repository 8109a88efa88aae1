import type { Clock, Logger } from '@hostler/kernel';
import type { UpstreamLimits } from '../limits.ts';
import { printable } from '../printable.ts';

/** What is kept of the end to explain an unexpected one. */
const TAIL_BYTES = 8 * 1024;
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
  /** Whether the line at hand is longer than what is kept of it. */
  #isCut = false;
  #tail: Buffer = Buffer.alloc(0);
  #isTailCut = false;
  #second: number | undefined;
  #loggedInSecond = 0;
  #skipped = 0;

  constructor(options: StderrLogOptions) {
    this.#options = options;
  }

  push(chunk: Uint8Array): void {
    this.#isTailCut ||= this.#tail.length + chunk.length > TAIL_BYTES;
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
    this.#beginSecond();
    const { stderrLinesPerSecond } = this.#options.limits;
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      // A flood of short lines must cost no more than finding where they end.
      if (this.#loggedInSecond >= stderrLinesPerSecond) this.#skipLine();
      else {
        this.#keep(chunk.subarray(start, at));
        this.#finishLine();
      }
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
    // Its first line lacks its beginning: what is left of a secret in it would not be known for one.
    const start = this.#isTailCut ? this.#tail.indexOf(NEWLINE) + 1 || this.#tail.length : 0;
    const lines = this.#tail
      .toString('utf8', start)
      .split('\n')
      .slice(-TAIL_LINES - 1);
    return lines.map((line) => printable(line, this.#options.limits.stderrLineBytes)).filter((line) => line !== '');
  }

  #beginSecond(): void {
    const second = Math.floor(this.#options.clock.now() / SECOND);
    if (second === this.#second) return;
    this.#reportSkipped();
    this.#second = second;
    this.#loggedInSecond = 0;
  }

  #keep(piece: Uint8Array): void {
    const room = this.#options.limits.stderrLineBytes - this.#size;
    if (piece.length > room) this.#isCut = true;
    if (room <= 0 || piece.length === 0) return;
    const kept = piece.subarray(0, room);
    this.#size += kept.length;
    this.#parts.push(kept);
  }

  #finishLine(): void {
    const { server, log, limits } = this.#options;
    const text = printable(Buffer.concat(this.#parts).toString('utf8'), limits.stderrLineBytes, this.#isCut);
    this.#dropLine();
    if (text === '') return;
    this.#loggedInSecond += 1;
    log.debug({ server, stderr: text }, 'the server wrote to stderr');
  }

  #skipLine(): void {
    this.#dropLine();
    this.#skipped += 1;
  }

  #dropLine(): void {
    this.#parts = [];
    this.#size = 0;
    this.#isCut = false;
  }

  #reportSkipped(): void {
    if (this.#skipped === 0) return;
    const { server, log } = this.#options;
    log.debug({ server, lines: this.#skipped }, 'more lines of stderr were not logged');
    this.#skipped = 0;
  }
}
