import { JsonShapeError } from './json-scan.ts';
import { JsonWalk } from './json-walk.ts';
import type { WalkVisitor } from './json-walk.ts';

/** What becomes of one member: it stays, goes, is wrapped in an object as its `result`, or is changed when it is there. */
export type MemberFate = 'keep' | 'drop' | 'wrap' | 'change';

/** How the members of an object are edited while it arrives. */
export interface MemberEdit {
  /** @param first byte of its value */
  fateOf(key: string, first: number): MemberFate;
  /** @returns the value in its place; undefined to leave the member out. @throws JsonShapeError */
  change(key: string, value: Uint8Array): Uint8Array | undefined;
}

/** Keys, and values that are changed, are no larger. */
const MOST_KEPT = 256 * 1024;
const QUOTE = 0x22;
const NOTHING = new Uint8Array();

/** Edits the members of an object that arrives in pieces: the others stay byte for byte, as `editObject` leaves them. */
export class ArrivingMembers implements WalkVisitor {
  readonly #edit: MemberEdit;
  readonly #walk = new JsonWalk(this);
  #piece: Uint8Array = NOTHING;
  #from = 0;
  #out: Uint8Array[] = [];
  /** Between two values; or what becomes of the value that is walked through. */
  #within: 'gap' | MemberFate = 'gap';
  #key = '';
  /** As it was written, with the colon. */
  #keyBytes: Uint8Array = NOTHING;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #isFirst = true;

  constructor(edit: MemberEdit) {
    this.#edit = edit;
  }

  /** @returns what can be passed on. @throws JsonShapeError */
  push(piece: Uint8Array): readonly Uint8Array[] {
    this.#piece = piece;
    this.#from = 0;
    this.#walk.feed(piece);
    this.#takeTo(piece.length);
    const out = this.#out;
    this.#out = [];
    return out;
  }

  onValue(depth: number, key: string | undefined, at: number): boolean {
    if (depth === 0) {
      this.#from = at + 1;
      this.#out.push(OPEN);
      return true;
    }
    this.#takeTo(at);
    const gap = this.#takeKept();
    this.#keyBytes = gap.subarray(gap.indexOf(QUOTE));
    this.#key = key ?? '';
    this.#within = this.#edit.fateOf(this.#key, this.#piece[at] as number);
    if (this.#within === 'keep' || this.#within === 'wrap') this.#addMember(this.#keyBytes);
    if (this.#within === 'wrap') this.#out.push(WRAPPED);
    return false;
  }

  onValueEnd(depth: number, at: number): void {
    if (depth === 0) {
      this.#out.push(CLOSE);
      this.#from = at;
      this.#within = 'drop';
      return;
    }
    this.#takeTo(at);
    if (this.#within === 'wrap') this.#out.push(CLOSE);
    else if (this.#within === 'change') this.#change();
    this.#within = 'gap';
  }

  #change(): void {
    const changed = this.#edit.change(this.#key, this.#takeKept());
    if (changed === undefined) return;
    this.#addMember(this.#keyBytes);
    this.#out.push(changed);
  }

  #addMember(bytes: Uint8Array): void {
    if (!this.#isFirst) this.#out.push(COMMA);
    this.#isFirst = false;
    this.#out.push(bytes);
  }

  #takeTo(end: number): void {
    const part = this.#piece.subarray(this.#from, end);
    this.#from = end;
    if (part.length === 0 || this.#within === 'drop') return;
    if (this.#within === 'keep' || this.#within === 'wrap') {
      this.#out.push(part);
      return;
    }
    this.#keptBytes += part.length;
    if (this.#keptBytes > MOST_KEPT) throw new JsonShapeError('a member that has to be changed is too large');
    // A copy, for a part would keep all that it was cut from.
    this.#kept.push(Uint8Array.from(part));
  }

  #takeKept(): Uint8Array {
    const kept = Buffer.concat(this.#kept);
    this.#kept = [];
    this.#keptBytes = 0;
    return kept;
  }
}

const OPEN = Buffer.from('{');
const CLOSE = Buffer.from('}');
const COMMA = Buffer.from(',');
const WRAPPED = Buffer.from('{"result":');
