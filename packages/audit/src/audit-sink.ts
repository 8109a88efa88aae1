import type { ChainPosition, SealedLine } from './record.ts';

/** Where the record goes. */
export interface AuditSink {
  /** For people and metrics: `file`, `stdout`, `http`. */
  readonly name: string;
  /**
   * Makes ready to write.
   * @returns what is there already, where this sink keeps it
   * @throws AUDIT_DIRECTORY
   */
  open(): Promise<KeptRecord | undefined>;
  /** All lines or none of them, as far as whoever reads them can tell. Called again only when it has settled. */
  write(lines: readonly string[], about: WriteFacts): Promise<void>;
  /**
   * The same within the turn, where that takes next to no time. Never called while a `write` is under way.
   * @returns false: nothing of them counts as written, and they are to be given to `write`
   */
  writeNow?(lines: readonly SealedLine[]): boolean;
  close(): Promise<void>;
}

export interface WriteFacts {
  readonly lines: readonly SealedLine[];
  /** Fires when it has taken too long. */
  readonly signal: AbortSignal;
}

/** What an earlier run has left. */
export interface KeptRecord {
  readonly position: ChainPosition;
  /** Of the chain. */
  readonly chain: string;
  /** Of the last segment. */
  readonly segment: number;
  /** The first that is still there. */
  readonly oldest: number;
  /** Bytes of the last segment, and when it began, in milliseconds since 1970. */
  readonly bytes: number;
  readonly begun: number;
  /** The last segment ends within a line, or with a line of another form: nothing may be added to it. */
  readonly isTorn: boolean;
  /** The public key of the last segment; absent: not known. */
  readonly key?: string;
}
