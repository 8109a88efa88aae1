import type { JsonObject } from '@hostler/kernel';
import type { UpstreamState } from '@hostler/upstream';

/** `file`: in the configuration; `runtime`: added while the host runs; `code`: mounted by the embedding program. */
export type ServerOrigin = 'file' | 'runtime' | 'code';

/** A server as it may be shown. */
export interface ServerRecord {
  readonly name: string;
  readonly origin: ServerOrigin;
  readonly disabled: boolean;
  /** Absent while it is disabled. */
  readonly state?: UpstreamState;
  /** As it was written, in the shape of `servers.<name>`; literal values of `env` and `headers` are `[set]`. */
  readonly settings?: JsonObject;
}

/** Names of the servers that are not as the file has them. */
export interface ServerDrift {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly disabled: readonly string[];
  readonly enabled: readonly string[];
}

/** What came of starting a server apart from all others. */
export interface ServerTest {
  readonly ok: boolean;
  readonly era?: 'legacy' | 'modern';
  /** The server's own name and version. */
  readonly info?: JsonObject;
  /** Milliseconds to a negotiated connection. */
  readonly startedIn?: number;
  /** Its tools as it defines them; absent when it has none to list. */
  readonly tools?: readonly JsonObject[];
  /** Why it is not ok. */
  readonly problem?: string;
  readonly code?: string;
}

export interface SaveReport {
  /** The file that was written; the one before it is kept beside it as `backup`. Absent when there was nothing to save. */
  readonly file?: string;
  readonly backup?: string;
  /** What was written. */
  readonly saved: ServerDrift;
}

/**
 * The servers of a running host. Changes are made one after the other, together with those of the file, and are not in
 * the file until `save`. Settings have the shape of `servers.<name>`.
 */
export interface Servers {
  /** In the order of the file, then those added later. */
  list(): readonly ServerRecord[];
  /** @throws SERVER_NOT_FOUND */
  get(name: string): ServerRecord;
  /** Resolves when it is up, down or blocked, as its state tells. @throws SERVER_EXISTS, SERVER_INVALID */
  add(name: string, settings: unknown): Promise<ServerRecord>;
  /**
   * No call fails: the new one is started first, and takes over when it is up. When it does not come up and the old one
   * is up, nothing has changed.
   * @throws SERVER_NOT_FOUND, SERVER_FIXED, SERVER_INVALID, SERVER_NOT_REPLACED
   */
  update(name: string, settings: unknown): Promise<ServerRecord>;
  /**
   * Resolves when nothing of it is left; its calls under way have the grace of the plan. False when there is none of that
   * name. @throws SERVER_FIXED
   */
  remove(name: string): Promise<boolean>;
  /** A fresh one takes over when it is up; one that is down is tried now. @throws SERVER_NOT_FOUND, SERVER_DISABLED, SERVER_NOT_REPLACED */
  restart(name: string): Promise<ServerRecord>;
  /** @throws SERVER_NOT_FOUND, SERVER_FIXED, SERVER_INVALID */
  enable(name: string): Promise<ServerRecord>;
  /** @throws SERVER_NOT_FOUND, SERVER_FIXED */
  disable(name: string): Promise<ServerRecord>;
  /** Starts a server apart from all others, lists its tools and stops it. @throws SERVER_INVALID, SERVER_BUSY */
  test(settings: unknown, signal: AbortSignal): Promise<ServerTest>;
  drift(): ServerDrift;
  /** Writes the drift into the file. @throws SAVE_*, CONFIG_* */
  save(): Promise<SaveReport>;
}
