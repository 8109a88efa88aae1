import type { Json, JsonObject } from '@hostler/kernel';
import type { AuditKey } from './audit-key.ts';
import { hashOf } from './hash-of.ts';
import { isPrintable, printableJson } from './printable.ts';
import type { ChainPosition, RecordKind, SealedLine } from './record.ts';

export interface ChainOptions {
  readonly key: AuditKey;
  /** The last record there is. */
  readonly position: ChainPosition;
  /** Masks secrets; the same text when there are none. */
  readonly redact: (text: string) => string;
}

export interface Unsealed {
  readonly time: number;
  readonly kind: RecordKind;
  /** Members of the record as JSON, each with a comma before it. */
  readonly members: string;
}

/** Gives each record its number and ties it to the one before it. There is one for a record, and one writer. */
export class Chain {
  readonly #options: ChainOptions;
  #seq: number;
  /** Of the last record. */
  #hash: string;
  /** The time of the last record, and how it is written: those of one batch mostly have the same. */
  #time = 0;
  #written = new Date(0).toISOString();

  constructor(options: ChainOptions) {
    this.#options = options;
    this.#seq = options.position.seq;
    this.#hash = options.position.hash;
  }

  get position(): ChainPosition {
    return { seq: this.#seq, hash: this.#hash };
  }

  seal(record: Unsealed): SealedLine {
    const text = this.#chained(record);
    return this.#line(record, `${text},"hash":"${this.#hash}"}`);
  }

  /** Of records by which all before them are shown to be the host's. */
  sealSigned(record: Unsealed): SealedLine {
    const text = this.#chained(record);
    const signature = this.#options.key.sign(this.#hash);
    return this.#line(record, `${text},"hash":"${this.#hash}","signature":"${signature}"}`);
  }

  #line({ kind }: Unsealed, text: string): SealedLine {
    return { seq: this.#seq, hash: this.#hash, text, beginsSegment: kind === 'segment' };
  }

  /** The text up to its hash, which is that of the last record then. */
  #chained({ time, kind, members }: Unsealed): string {
    const seq = this.#seq + 1;
    if (time !== this.#time) {
      this.#time = time;
      this.#written = new Date(time).toISOString();
    }
    const given = `"time":"${this.#written}","kind":"${kind}"${members}`;
    const own = this.#isPlain(given) ? given : printableJson(this.#masked(`{${given}}`)).slice(1, -1);
    const previous = this.#hash;
    // One text that is hashed and, without the hash before it, written: the engine puts it together once.
    const linked = `${previous}{"seq":${seq},${own},"previous":"${previous}"`;
    this.#seq = seq;
    this.#hash = hashOf(linked);
    return linked.slice(previous.length);
  }

  /** Whether nothing in it has to be masked or escaped. */
  #isPlain(text: string): boolean {
    return isPrintable(text) && this.#options.redact(text) === text;
  }

  /** Text by text where there is something to mask, so that it stays JSON. */
  #masked(json: string): string {
    const { redact } = this.#options;
    if (redact(json) === json) return json;
    return JSON.stringify(maskAll(JSON.parse(json) as Json, redact));
  }
}

/** Members of an object, as `Unsealed` has them; what is undefined is left out. */
export function membersOf(fields: JsonObject | string): string {
  if (typeof fields === 'string') return fields;
  const json = JSON.stringify(fields);
  return json === '{}' ? '' : `,${json.slice(1, -1)}`;
}

function maskAll(value: Json, redact: (text: string) => string): Json {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'number') return redact(String(value)) === String(value) ? value : redact(String(value));
  if (Array.isArray(value)) return value.map((inner) => maskAll(inner, redact));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, inner]) => [redact(key), maskAll(inner as Json, redact)]);
  return Object.fromEntries(members) as Json;
}
