import { fingerprintOf, isSignedBy } from './audit-key.ts';
import { isUnaltered, readGap, readLine } from './read-record.ts';
import type { GapLine, ReadLine } from './read-record.ts';
import type { FileLine } from './read-lines.ts';
import { CHAIN_START } from './record.ts';
import type { ChainPosition } from './record.ts';
import { OpenCalls } from './open-calls.ts';
import type { OpenCall } from './open-calls.ts';

export type FindingKind = 'altered' | 'missing' | 'order' | 'signature' | 'truncated';

/** A place where the record is not as the host has written it. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  /** Of the first record that is concerned. */
  readonly seq: number;
  readonly problem: FindingKind;
  readonly detail: string;
}

/** What was found of one chain. */
export interface Verified {
  readonly records: number;
  /** The first and the last record there are; 0 where there is none. */
  readonly first: number;
  readonly last: number;
  /** Hash of the last. */
  readonly head: string;
  /** The last record that a signature covers. */
  readonly signed: number;
  /** Who has signed. */
  readonly key: string | undefined;
  /** Records that a sink which failed has left out, and says so. */
  readonly leftOut: number;
  /** Calls whose end is not recorded: it is unknown whether they ran. */
  readonly unknown: readonly OpenCall[];
  readonly unknownCount: number;
  /** It ends with a signature, as a host leaves it that stops. */
  readonly isClosed: boolean;
}

export interface ChainCheckOptions {
  readonly key: string | readonly string[] | undefined;
  readonly expected: { readonly seq: number; readonly hash: string } | undefined;
  /** How far each chain has come, as its host remembers. */
  readonly anchors?: ReadonlyMap<string, ChainPosition> | undefined;
  /** All segments are there; else it is a file from somewhere, which may begin anywhere. */
  readonly isFolder: boolean;
}

/** Goes through a chain line by line, and remembers nothing but where it stands. */
export class ChainCheck {
  readonly findings: Finding[] = [];
  readonly #options: ChainCheckOptions;
  readonly #open = new OpenCalls();
  #file = '';
  #segment = 0;
  #line = 0;
  #at: ChainPosition | undefined;
  #first = 0;
  #firstSegment = 0;
  /** What the host says that it has kept. */
  #oldest = 1;
  #records = 0;
  #signed = 0;
  #anchor: ChainPosition | undefined;
  #leftOut = 0;
  /** Those that may sign. */
  #keys: readonly string[] | undefined;
  /** That of the segment. */
  #key: string | undefined;
  #lastKind = '';
  #isClosed = false;
  #torn: Finding | undefined;
  #isFileStart = false;
  sawExpected = false;

  constructor(options: ChainCheckOptions) {
    const { key } = options;
    this.#options = options;
    if (key !== undefined) this.#keys = typeof key === 'string' ? [key] : key;
    this.#key = this.#keys?.find((one) => !FINGERPRINT.test(one));
  }

  beginFile(path: string, segment: number): void {
    this.#file = path;
    this.#segment = segment;
    this.#line = 0;
    this.#isFileStart = true;
  }

  take({ text, number, isWhole }: FileLine): void {
    this.#line = number;
    const gap = text.startsWith('{"kind":"gap"') ? readGap(text) : undefined;
    if (gap !== undefined) return this.#takeGap(gap);
    const read = readLine(text);
    if (read === undefined && !isWhole) {
      this.#torn = this.#finding('truncated', this.#next, 'the file ends within a record');
      return;
    }
    if (read === undefined) return this.#report('altered', this.#next, 'this is no record');
    this.#takeRecord(read);
  }

  finish(isBeingWritten: boolean): Verified {
    this.#checkEnd(isBeingWritten);
    const { count, calls } = this.#open;
    return {
      records: this.#records,
      first: this.#first,
      last: this.#at?.seq ?? 0,
      head: (this.#at ?? CHAIN_START).hash,
      signed: this.#signed,
      key: this.#key,
      leftOut: this.#leftOut,
      unknown: isBeingWritten ? [] : calls,
      unknownCount: isBeingWritten ? 0 : count,
      isClosed: this.#isClosed,
    };
  }

  #checkEnd(isBeingWritten: boolean): void {
    const next = this.#next;
    if (this.#keys !== undefined && this.#key === undefined && this.#records > 0) {
      this.#report('signature', this.#first, 'nothing here says whose key has signed it');
    }
    if (this.#anchor !== undefined && this.#anchor.seq >= next) {
      this.#report('truncated', next, `the host remembers ${this.#anchor.seq} records: the end was cut off`);
    } else if (this.#torn && !isBeingWritten) this.findings.push(this.#torn);
    else if (this.#lastKind === 'end') this.#report('missing', next, 'the segment that follows is not there');
    else if (!this.#isClosed && !isBeingWritten && this.#options.isFolder) {
      this.#report('truncated', next, 'no signature at its end: the host was killed, or the end was cut off');
    }
    if (this.#options.isFolder && this.#firstSegment > this.#oldest) {
      const detail = `the first segment is ${this.#firstSegment}, and the host has kept all from ${this.#oldest} on`;
      this.#report('missing', 1, detail);
    }
  }

  /** The number that comes next. */
  get #next(): number {
    return (this.#at?.seq ?? 0) + 1;
  }

  #takeRecord(read: ReadLine): void {
    const { record } = read;
    this.#records += 1;
    this.#checkStart(read);
    if (!isUnaltered(read)) this.#report('altered', record.seq, 'its hash is another one');
    else this.#checkPlace(read);
    if (record.kind === 'segment') this.#takeSegment(read);
    this.#checkSignature(read);
    const { expected } = this.#options;
    if (expected?.seq === record.seq && expected.hash === record.hash) this.sawExpected = true;
    if (this.#anchor?.seq === record.seq && this.#anchor.hash !== record.hash) {
      this.#report('altered', record.seq, 'the host remembers another record here');
    }
    this.#open.take(record);
    this.#at = { seq: record.seq, hash: record.hash };
    this.#lastKind = record.kind;
    this.#isClosed = record.kind === 'head' && record['closed'] === true;
    if (this.#first === 0) this.#first = record.seq;
  }

  /** Each file of a folder begins with the record of its segment. */
  #checkStart({ record }: ReadLine): void {
    const isStart = this.#isFileStart;
    this.#isFileStart = false;
    if (!isStart || !this.#options.isFolder) return;
    const isOwn = record.kind === 'segment' && record['segment'] === this.#segment;
    if (!isOwn) this.#report('missing', this.#next, 'the beginning of this segment is not there');
  }

  #checkPlace({ record: { seq, previous, kind, ...record } }: ReadLine): void {
    const at = this.#at;
    if (at === undefined) return this.#checkFirst(seq, previous, kind);
    if (seq === at.seq + 1 && previous === at.hash) {
      // A file that ends within a line is followed by one that says so.
      if (this.#torn && record['torn'] !== true) this.findings.push(this.#torn);
      this.#torn = undefined;
      return undefined;
    }
    if (seq > at.seq + 1) {
      const last = seq - 1;
      const which = last === at.seq + 1 ? `record ${last} is` : `records ${at.seq + 1} to ${last} are`;
      return this.#report('missing', at.seq + 1, `${which} not between the line before and this one`);
    }
    if (seq === at.seq + 1) return this.#report('altered', seq, 'it does not follow on the record before it');
    return this.#report('order', Math.min(seq, at.seq), `record ${seq} stands after record ${at.seq}`);
  }

  #checkFirst(seq: number, previous: string, kind: string): void {
    if (!this.#options.isFolder) return;
    const isBeginning = seq === 1 && previous === CHAIN_START.hash;
    // Older segments may have been deleted as a whole: what is kept is signed, and checked there.
    if (isBeginning || (kind === 'segment' && this.#segment > 1)) return;
    this.#report('missing', 1, 'the beginning of the record is not there');
  }

  #takeSegment(read: ReadLine): void {
    const { record } = read;
    const { key, oldest, chain } = record;
    this.#anchor ??= typeof chain === 'string' ? this.#options.anchors?.get(chain) : undefined;
    if (typeof key !== 'string') return;
    if (typeof oldest === 'number') this.#oldest = oldest;
    if (this.#firstSegment === 0) this.#firstSegment = this.#segment;
    const { signature } = read;
    const isKnown = this.#keys === undefined ? this.#key === undefined || this.#key === key : isOneOf(this.#keys, key);
    if (!isKnown) {
      this.#report('signature', record.seq, 'it names another key than the record before, or than the one given');
    }
    // What follows is looked at by the key that it names itself: that one has it signed, whoever it is.
    const isOwn = signature !== undefined && isSignedBy(key, record.hash, signature);
    if (this.#key === undefined || isKnown || isOwn) this.#key = key;
  }

  #checkSignature({ record: { seq, kind, hash }, signature }: ReadLine): void {
    const isSigned = kind === 'segment' || kind === 'head' || kind === 'end';
    if (!isSigned && signature === undefined) return;
    if (this.#key === undefined) return;
    if (signature === undefined || !isSignedBy(this.#key, hash, signature)) {
      this.#report('signature', seq, 'its signature is not that of the host');
    } else this.#signed = seq;
  }

  #takeGap({ from, to, after, text, signature }: GapLine): void {
    if (this.#key !== undefined && !isSignedBy(this.#key, text, signature)) {
      return this.#report('signature', from, 'the signature of this gap is not that of the host');
    }
    if (from !== this.#next) this.#report('order', this.#next, `a gap from ${from} on stands here`);
    this.#leftOut += to - from + 1;
    this.#at = { seq: to, hash: after };
    return undefined;
  }

  #report(problem: FindingKind, seq: number, detail: string): void {
    this.findings.push(this.#finding(problem, seq, detail));
  }

  #finding(problem: FindingKind, seq: number, detail: string): Finding {
    return { file: this.#file, line: this.#line, seq, problem, detail };
  }
}

const FINGERPRINT = /^[0-9a-f]{32}$/;

function isOneOf(keys: readonly string[], key: string): boolean {
  return keys.includes(key) || keys.includes(fingerprintOf(key));
}
