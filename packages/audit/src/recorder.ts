import type { Clock, Logger } from '@hostler/kernel';
import type { AuditKey } from './audit-key.ts';
import type { AuditSink } from './audit-sink.ts';
import type { SegmentRule } from './record-lines.ts';
import type { AuditEntry, ChainPosition } from './record.ts';
import type { OnFailure, SinkState } from './sink-queue.ts';

export interface RecorderOptions {
  readonly sinks: readonly { readonly sink: AuditSink; readonly onFailure: OnFailure }[];
  readonly key: AuditKey;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly time: () => number;
  /** Masks secrets in a text; the same text when there are none. */
  readonly redact: (text: string) => string;
  readonly segments?: SegmentRule;
  readonly anchor?: Anchor;
}

/** Remembers, beside the record, how far a chain has come: by that it shows when its end was taken away. */
export interface Anchor {
  read(chain: string): Promise<ChainPosition | undefined>;
  write(chain: string, position: ChainPosition): Promise<void>;
}

export interface RecorderState {
  /** Records of this run. */
  readonly records: number;
  /** Calls and changes that were refused since they could not be recorded. */
  readonly refused: number;
  readonly sinks: readonly SinkState[];
}

/** Writes the record: in order, in batches, beside the path of calls. */
export interface Recorder {
  readonly publicKey: string;
  /** Whether what cannot be recorded may be begun. @throws AUDIT_UNAVAILABLE */
  admit(): void;
  /** The same as an answer. */
  admits(): boolean;
  /** To be written before long. Never throws: what was begun is recorded. */
  add(entry: AuditEntry): void;
  /** The same, and tells when it is written; undefined: it is. Rejects with AUDIT_UNAVAILABLE */
  addAndWait(entry: AuditEntry): Promise<void> | undefined;
  state(): RecorderState;
  /** Writes what there is, and signs it. */
  close(): Promise<void>;
}
