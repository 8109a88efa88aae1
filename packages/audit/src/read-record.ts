import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { hashOf } from './hash-of.ts';
import type { AuditRecord } from './record.ts';

/** What follows the text that a hash is of. */
const TAIL = /,"hash":"([0-9a-f]{64})"(?:,"signature":"([\w-]{80,100})")?\}$/;
const GAP_TAIL = /,"signature":"([\w-]{80,100})"\}$/;

/** A line, taken apart. */
export interface ReadLine {
  readonly record: AuditRecord;
  /** What its hash is of. */
  readonly text: string;
  readonly signature: string | undefined;
}

export interface GapLine {
  readonly from: number;
  readonly to: number;
  readonly after: string;
  readonly text: string;
  readonly signature: string;
}

/** Undefined for what is no line of a record. */
export function readLine(line: string): ReadLine | undefined {
  const tail = TAIL.exec(line);
  const record = parse(line);
  if (tail === null || !isRecord(record)) return undefined;
  return { record, text: line.slice(0, tail.index), signature: tail[2] };
}

export function readGap(line: string): GapLine | undefined {
  const tail = GAP_TAIL.exec(line);
  const value = parse(line);
  if (tail === null || value === undefined || value['kind'] !== 'gap') return undefined;
  const { from, to, after } = value;
  if (typeof from !== 'number' || typeof to !== 'number' || typeof after !== 'string') return undefined;
  return { from, to, after, text: line.slice(0, tail.index), signature: tail[1] ?? '' };
}

/** Whether its hash is that of what it says. */
export function isUnaltered({ record, text }: ReadLine): boolean {
  return hashOf(record.previous + text) === record.hash;
}

function parse(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: JsonObject | undefined): value is AuditRecord {
  if (value === undefined) return false;
  const { seq, time, kind, previous, hash } = value;
  return Number.isSafeInteger(seq) && [time, kind, previous, hash].every((text) => typeof text === 'string');
}
