import type { JsonObject } from '@hostler/kernel';

/**
 * `call`: what went to a server; `decision`: what was refused before; `change`: of what runs; `access`: who could not prove
 * to be anybody; `host`: its own life; `segment`, `head`, `end`: what holds the record itself together.
 */
export type RecordKind = 'call' | 'decision' | 'change' | 'access' | 'host' | 'segment' | 'head' | 'end';

export type Result = 'ok' | 'failed' | 'refused' | 'cancelled';

/** What is to be recorded. What of it is costly is done when it is written. */
export interface AuditEntry {
  readonly kind: 'call' | 'decision' | 'change' | 'access' | 'host';
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Of both records of a pair. */
  readonly id: string;
  readonly phase?: 'intent' | 'outcome';
  /** Members of the record, in their order; or as JSON, each with a comma before it. */
  readonly fields: JsonObject | string;
  /** Described by shape and digest. */
  readonly values?: JsonObject | undefined;
  /** Only its size is recorded. */
  readonly sized?: JsonObject;
  /** Whether the values are recorded as they are, too. */
  readonly showsValues?: boolean;
}

/** A line of the record that was read again. */
export interface AuditRecord extends JsonObject {
  readonly seq: number;
  readonly time: string;
  readonly kind: RecordKind;
  readonly previous: string;
  readonly hash: string;
  readonly id?: string;
  readonly phase?: 'intent' | 'outcome';
}

/** One line, chained to the one before it. */
export interface SealedLine {
  readonly seq: number;
  readonly hash: string;
  /** Without a line break. */
  readonly text: string;
  /** A file begins with it. */
  readonly beginsSegment: boolean;
}

/** Where a chain stands: its last record. */
export interface ChainPosition {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first record. */
export const CHAIN_START: ChainPosition = { seq: 0, hash: '0'.repeat(64) };
