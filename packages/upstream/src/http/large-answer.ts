import { isUtf8 } from 'node:buffer';
import type { Era, ResultSink } from '@hostler/kernel';
import {
  checkAroundResult,
  createByteJoiner,
  JsonShapeError,
  JsonWalk,
  resultStart,
  wholeCharacters,
} from '@hostler/protocol';
import type { MessageScreen, ResultScreen } from '@hostler/secrets';
import { ResultMembers } from './result-members.ts';

export interface LargeAnswerOptions {
  /** Of the request. */
  readonly id: number;
  /** Of the server. */
  readonly era: Era;
  readonly sink: ResultSink;
  readonly screen: MessageScreen | undefined;
  /** Of the whole message. */
  readonly maxBytes: number;
  /** The sink takes more. */
  readonly onDrain: () => void;
}

/** What a result was that went by. */
export interface PassedResult {
  readonly bytes: number;
  /** The tool says that it has failed. */
  readonly isError: boolean;
}

/** More than that, and it is no longer passed on. */
export class TooLargeError extends Error {
  override readonly name: string = 'TooLargeError';
}

/** Small pieces are joined to this: each costs a search of what was kept back of those before it. */
const LEAST_PIECE = 16 * 1024;
/** What stands behind a result is short. */
const LONGEST_TAIL = 16 * 1024;
const NOTHING = new Uint8Array();

/**
 * One answer whose result is passed on while it arrives: everything that is done to a whole message is done to it piece by
 * piece, and a piece goes on when nothing that may follow could change it any more.
 */
export class LargeAnswer {
  readonly #options: LargeAnswerOptions;
  readonly #members: ResultMembers;
  readonly #walk: JsonWalk;
  readonly #arrived = createByteJoiner();
  /** What was ready before the sink was asked. */
  #ready: Uint8Array[] | undefined = [];
  #screen: ResultScreen | undefined;
  #head: Uint8Array = NOTHING;
  #cutCharacter: Uint8Array = NOTHING;
  #tail: Uint8Array[] | undefined;
  #arrivedBytes = 0;
  #passedBytes = 0;
  #isTaken = true;

  constructor(options: LargeAnswerOptions) {
    this.#options = options;
    this.#members = new ResultMembers(options.era);
    this.#walk = new JsonWalk(this.#members);
  }

  /** @returns whether the answer goes this way; if not, nothing has happened. */
  begin(first: Uint8Array): boolean {
    const { id, sink, era, screen, onDrain } = this.#options;
    const start = resultStart(first, id);
    if (start === undefined) return false;
    this.#screen = screen?.largeResult?.(() => this.#walk.isInString);
    if (screen !== undefined && this.#screen === undefined) return false;
    this.#head = Uint8Array.from(first.subarray(0, start));
    this.#arrivedBytes = first.length;
    try {
      this.#take(first.subarray(start));
    } catch {
      // What is wrong with it shows in the whole message as well.
      return false;
    }
    if (this.#tail !== undefined || !sink.begin(era, onDrain)) return false;
    const ready = this.#ready ?? [];
    this.#ready = undefined;
    for (const piece of ready) this.#write(piece);
    return true;
  }

  /** @returns false when the next piece should wait. @throws JsonShapeError, TooLargeError, SECRET_LEAK */
  push(chunk: Uint8Array): boolean {
    this.#arrivedBytes += chunk.length;
    if (this.#arrivedBytes > this.#options.maxBytes) throw new TooLargeError();
    this.#arrived.add(chunk);
    this.#isTaken = true;
    if (this.#arrived.size >= LEAST_PIECE) this.#take(this.#arrived.take());
    return this.#isTaken;
  }

  /** What was pushed has gone on, and the sink has done with it. What the screen and the members keep are copies. */
  get keepsNothing(): boolean {
    const { sink } = this.#options;
    return this.#arrived.size === 0 && this.#tail === undefined && sink.keepsNothing === true;
  }

  /** The message is over. @throws as `push` */
  end(): PassedResult {
    this.#take(this.#arrived.take());
    if (this.#cutCharacter.length > 0) throw new JsonShapeError('not UTF-8');
    for (const piece of this.#screen?.end() ?? []) this.#pass(piece);
    if (this.#tail === undefined) throw new JsonShapeError('value does not end');
    checkAroundResult(this.#head, Buffer.concat(this.#tail), this.#options.id);
    this.#options.sink.end();
    return { bytes: this.#passedBytes, isError: this.#members.isError };
  }

  #take(arrived: Uint8Array): void {
    const bytes = this.#cutCharacter.length === 0 ? arrived : Buffer.concat([this.#cutCharacter, arrived]);
    const length = wholeCharacters(bytes);
    this.#cutCharacter = length === bytes.length ? NOTHING : Uint8Array.from(bytes.subarray(length));
    const whole = bytes.subarray(0, length);
    if (!isUtf8(whole)) throw new JsonShapeError('not UTF-8');
    if (this.#screen === undefined) this.#pass(whole);
    else for (const piece of this.#screen.push(whole)) this.#pass(piece);
  }

  #pass(piece: Uint8Array): void {
    if (this.#tail !== undefined) return this.#keepTail(piece);
    this.#members.piece = piece;
    const end = this.#walk.feed(piece);
    this.#members.keepOpen();
    if (end === undefined) return this.#write(piece);
    this.#write(piece.subarray(0, end));
    this.#tail = [];
    this.#keepTail(piece.subarray(end));
  }

  #keepTail(piece: Uint8Array): void {
    const tail = this.#tail ?? [];
    if (tail.reduce((sum, { length }) => sum + length, piece.length) > LONGEST_TAIL) {
      throw new JsonShapeError('too much follows the result');
    }
    tail.push(piece);
  }

  #write(piece: Uint8Array): void {
    if (piece.length === 0) return;
    if (this.#ready !== undefined) {
      this.#ready.push(piece);
      return;
    }
    this.#passedBytes += piece.length;
    if (!this.#options.sink.write(piece)) this.#isTaken = false;
  }
}
