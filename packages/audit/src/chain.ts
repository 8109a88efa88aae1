import { hash as digest } from 'node:crypto';
import type { Json, JsonObject } from '@hostler/kernel';
import type { AuditKey } from './audit-key.ts';
import { printableJson } from './printable.ts';
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
    const { text, hash } = this.#chained(record);
    return this.#line(record, `${text},"hash":"${hash}"}`);
  }

  /** Of records by which all before them are shown to be the host's. */
  sealSigned(record: Unsealed): SealedLine {
    const { text, hash } = this.#chained(record);
    return this.#line(record, `${text},"hash":"${hash}","signature":"${this.#options.key.sign(hash)}"}`);
  }

  #line({ kind }: Unsealed, text: string): SealedLine {
    return { seq: this.#seq, hash: this.#hash, text, beginsSegment: kind === 'segment' };
  }

  /** The text up to its hash. */
  #chained({ time, kind, members }: Unsealed): { readonly text: string; readonly hash: string } {
    const seq = this.#seq + 1;
    if (time !== this.#time) {
      this.#time = time;
      this.#written = new Date(time).toISOString();
    }
    const own = printableJson(this.#masked(`{"time":"${this.#written}","kind":"${kind}"${members}}`));
    const text = `{"seq":${seq},${own.slice(1, -1)},"previous":"${this.#hash}"`;
    const hash = hashOf(this.#hash, text);
    this.#seq = seq;
    this.#hash = hash;
    return { text, hash };
  }

  /** Text by text where there is something to mask, so that it stays JSON. */
  #masked(json: string): string {
    const { redact } = this.#options;
    if (redact(json) === json) return json;
    return JSON.stringify(maskAll(JSON.parse(json) as Json, redact));
  }
}

/** Members of an object, as `Unsealed` has them; what is undefined is left out. */
export function membersOf(fields: JsonObject): string {
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

/** @param text of the record, up to its own hash */
export function hashOf(previous: string, text: string): string {
  return digest('sha256', previous + text);
}
