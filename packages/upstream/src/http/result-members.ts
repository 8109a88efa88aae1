import type { Era } from '@hostler/kernel';
import { JsonShapeError, textOf } from '@hostler/protocol';
import type { WalkVisitor } from '@hostler/protocol';

const WATCHED: ReadonlySet<string | undefined> = new Set(['isError', 'resultType']);
/** Longer values are none of those that mean something. */
const LONGEST_VALUE = 64;

/** Takes note of the few members of a result that its way depends on, while it is walked through in pieces. */
export class ResultMembers implements WalkVisitor {
  /** The one that is walked through. */
  piece: Uint8Array = new Uint8Array();
  readonly #era: Era;
  #isError: boolean | undefined;
  #key: string | undefined;
  #value = '';
  #from = 0;

  constructor(era: Era) {
    this.#era = era;
  }

  /** Source: MCP 2025-11-25, server/tools, error handling. */
  get isError(): boolean {
    return this.#isError === true;
  }

  onValue(depth: number, key: string | undefined, at: number): boolean {
    if (depth === 0) return true;
    if (depth === 1 && WATCHED.has(key)) {
      this.#key = key;
      this.#value = '';
      this.#from = at;
    }
    return false;
  }

  /**
   * @throws JsonShapeError for a modern result that is none yet: that is never so large; and for two values of `isError`, of
   * which the record and a client may read another one each
   */
  onValueEnd(depth: number, at: number): void {
    if (depth !== 1 || this.#key === undefined) return;
    this.#add(at);
    const key = this.#key;
    this.#key = undefined;
    if (key === 'isError') {
      if (this.#isError !== undefined) throw new JsonShapeError('key stands twice');
      this.#isError = this.#value === 'true';
    } else if (this.#era === 'modern' && this.#value !== '"complete"')
      throw new JsonShapeError('the result is not complete');
  }

  /** The piece ends. */
  keepOpen(): void {
    if (this.#key === undefined) return;
    this.#add(this.piece.length);
    this.#from = 0;
  }

  #add(end: number): void {
    if (this.#value.length <= LONGEST_VALUE)
      this.#value += textOf(this.piece, this.#from, Math.min(end, this.#from + LONGEST_VALUE));
  }
}
