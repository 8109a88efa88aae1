import type { Drift } from '@hostler/router';

export interface ApproveOptions {
  /** `server`, or `server/` and the name of a tool, prompt or template; empty: nothing. */
  readonly names?: readonly string[];
  /** Everything, and what is configured no more is forgotten. */
  readonly all?: boolean;
}

export interface ApproveReport {
  /** The lockfile. */
  readonly file: string;
  /** What is approved now and was not before. */
  readonly approved: readonly Drift[];
  /** What is still not as it was approved. */
  readonly left: readonly Drift[];
}

/** What was approved of the servers, and in what they differ. */
export interface Lock {
  /** Absolute; undefined while the configuration names none. */
  readonly file: string | undefined;
  /** Whether there is one, so that something was approved. */
  exists(): boolean;
  /** What is known to differ; nothing while there is no lockfile in the configuration. */
  drift(): readonly Drift[];
  /**
   * Reads the servers and compares. Servers that are not up are not compared.
   * @throws LOCK_OFF
   */
  compare(): Promise<readonly Drift[]>;
  /**
   * Writes what the servers are now into the lockfile, and takes it over.
   * @throws LOCK_OFF, LOCK_INVALID, LOCK_NOT_FOUND, LOCK_UNWRITABLE
   */
  approve(options: ApproveOptions): Promise<ApproveReport>;
}
