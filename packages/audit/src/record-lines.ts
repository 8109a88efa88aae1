import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@hostler/kernel';
import { shapeTextOf } from './argument-shape.ts';
import type { AuditKey } from './audit-key.ts';
import type { KeptRecord } from './audit-sink.ts';
import { canonicalJson } from './canonical-json.ts';
import { Chain, membersOf } from './chain.ts';
import type { Unsealed } from './chain.ts';
import { CHAIN_START } from './record.ts';
import { bytesOf, bytesWith } from './request-size.ts';
import type { AuditEntry, ChainPosition, SealedLine } from './record.ts';

export interface SegmentRule {
  readonly bytes: number;
  /** Milliseconds. */
  readonly age: number;
  /** Sealed ones that are kept; absent: all. */
  readonly keep?: number;
}

export interface RecordLinesOptions {
  readonly key: AuditKey;
  /** Milliseconds since 1970. */
  readonly time: () => number;
  /** Masks secrets in a text; the same text when there are none. */
  readonly redact: (text: string) => string;
  readonly segments?: SegmentRule;
}

const DEFAULT_SEGMENTS: SegmentRule = { bytes: 64 * 2 ** 20, age: 24 * 3_600_000 };

/** Records after which what there is gets signed. */
export const HEAD_RECORDS = 1_000;

/** Bytes of arguments that are recorded as they are; what is longer is recorded without them. */
const MAX_VALUES = 32_768;

/** What stands in JSON as it is, as the ids of requests do. */
const PLAIN_ID = /^[\w-]{1,64}$/;

const NOTHING_KEPT: KeptRecord = {
  position: CHAIN_START,
  chain: '',
  segment: 0,
  oldest: 1,
  bytes: 0,
  begun: 0,
  isTorn: false,
};

/** Makes the lines of a record, in segments that begin with what the one before has ended with. */
export class RecordLines {
  readonly #options: RecordLinesOptions;
  readonly #segments: SegmentRule;
  readonly #chain: Chain;
  readonly #chainId: string;
  #segment: number;
  #oldest: number;
  #bytes: number;
  #begun: number;
  #isNew: boolean;
  #isTorn: boolean;
  #sinceHead = 0;

  constructor(options: RecordLinesOptions, kept: KeptRecord | undefined) {
    const { key, redact, segments = DEFAULT_SEGMENTS } = options;
    const { position, chain, segment, oldest, bytes, begun, isTorn, key: former } = kept ?? NOTHING_KEPT;
    this.#options = options;
    this.#segments = segments;
    this.#chain = new Chain({ key, redact, position });
    this.#chainId = chain === '' ? randomUUID() : chain;
    this.#segment = segment;
    this.#oldest = oldest;
    this.#bytes = bytes;
    this.#begun = begun;
    this.#isTorn = isTorn;
    // What another key has signed is not gone on with: a segment has one key.
    this.#isNew = kept === undefined || isTorn || (former !== undefined && former !== key.publicKey);
  }

  get chain(): string {
    return this.#chainId;
  }

  get position(): ChainPosition {
    return this.#chain.position;
  }

  /** Whether there is something that no signature covers. */
  get hasUnsigned(): boolean {
    return this.#sinceHead > 0;
  }

  /** With the beginning of a segment before them, and a signature after them, where these are due. */
  linesOf(entries: readonly AuditEntry[]): readonly SealedLine[] {
    const lines: SealedLine[] = [];
    for (const entry of entries) {
      const { time, kind } = entry;
      this.#add(lines, { time, kind, members: this.#safeMembersOf(entry) });
    }
    return lines;
  }

  #add(lines: SealedLine[], record: Unsealed): void {
    const { time } = record;
    if (this.#isNew || this.#bytes >= this.#segments.bytes || this.#isOld(time))
      lines.push(...this.#beginSegment(time));
    const line = this.#chain.seal(record);
    this.#count(line);
    this.#sinceHead += 1;
    lines.push(line);
    if (this.#sinceHead >= HEAD_RECORDS) lines.push(this.head({}));
  }

  #isOld(time: number): boolean {
    // A clock that was ahead when it began: it is young by the one that is right.
    if (time < this.#begun) this.#begun = time;
    return time - this.#begun >= this.#segments.age;
  }

  #count({ text }: SealedLine): void {
    this.#bytes += text.length + 1;
  }

  /** What cannot be written down keeps nothing else from being so. */
  #safeMembersOf(entry: AuditEntry): string {
    try {
      return this.#membersOf(entry);
    } catch {
      const { kind, time, id, phase, fields } = entry;
      return `${this.#membersOf({ kind, time, id, ...(phase && { phase }), fields })},"isIncomplete":true`;
    }
  }

  #membersOf({ id, phase, fields, values, sized, showsValues }: AuditEntry): string {
    const own = `,"id":${PLAIN_ID.test(id) ? `"${id}"` : JSON.stringify(id)}`;
    const head = phase === undefined ? own : `${own},"phase":"${phase}"`;
    const begin = `${head}${membersOf(fields)}`;
    if (values === undefined) return sized === undefined ? begin : `${begin},"requestBytes":${bytesOf(sized)}`;
    // One text for the digest and both sizes.
    const canonical = canonicalJson(values);
    const length = Buffer.byteLength(canonical);
    const described = `${begin},"arguments":${shapeTextOf(values)},"digest":"${this.#options.key.digest(canonical)}"`;
    const size = sized === undefined ? '' : `,"requestBytes":${bytesWith(sized, values, length)}`;
    if (showsValues !== true) return described + size;
    if (length > MAX_VALUES) return `${described}${size},"valuesLeftOut":true`;
    return `${described}${size},"values":${JSON.stringify(values)}`;
  }

  #beginSegment(time: number): SealedLine[] {
    // A torn segment is left as it is, and the first has none before it.
    const hasEnd = !this.#isNew;
    const end = hasEnd ? [this.#chain.sealSigned({ time, kind: 'end', members: `,"segment":${this.#segment}` })] : [];
    this.#segment += 1;
    const { keep } = this.#segments;
    if (keep !== undefined) this.#oldest = Math.max(this.#oldest, this.#segment - keep);
    const fields = {
      format: 1,
      chain: this.#chainId,
      segment: this.#segment,
      oldest: this.#oldest,
      key: this.#options.key.publicKey,
      ...(this.#isTorn && { torn: true }),
    };
    const line = this.#chain.sealSigned({ time, kind: 'segment', members: membersOf(fields) });
    this.#bytes = 0;
    this.#begun = time;
    this.#isNew = false;
    this.#isTorn = false;
    this.#sinceHead = 0;
    this.#count(line);
    return [...end, line];
  }

  /** Signs all that there is. */
  head(fields: JsonObject): SealedLine {
    this.#sinceHead = 0;
    const line = this.#chain.sealSigned({ time: this.#options.time(), kind: 'head', members: membersOf(fields) });
    this.#count(line);
    return line;
  }
}
