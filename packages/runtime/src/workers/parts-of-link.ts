import type { AuditEntry } from '@hostler/audit';
import type { Counted, RateUse } from '@hostler/host';
import type { ErrorWords } from '@hostler/upstream/relay';

/** Beside the connections to servers, which have 0. */
export const LIMITS_PART = 1;
export const AUDIT_PART = 2;

export interface LimitQuestion {
  readonly number: number;
  readonly uses: readonly RateUse[];
}

export interface LimitAnswer {
  readonly number: number;
  readonly counted?: Counted;
  /** It could not be counted. */
  readonly error?: ErrorWords;
}

/** Records of a worker, those of one turn together. */
export interface AuditBatch {
  readonly entries: readonly AuditEntry[];
  /** Present where somebody waits until they are written. */
  readonly number?: number;
}

export interface AuditWord {
  /** Whether what has to be recorded may be begun. */
  readonly admits: boolean;
  /** Of the batch that is written now, or cannot be. */
  readonly number?: number;
  readonly error?: ErrorWords;
}
