export type ViewKind = 'tool' | 'prompt' | 'resource';

/** What a consumer may see and call: one object answers both, so that they cannot disagree. */
export interface View {
  /** Views of one key let the same through. */
  readonly key: string;
  hasServer(server: string): boolean;
  /** Whether nothing of this server is hidden, so that nothing has to be looked up; absent: not known. */
  hasAll?(server: string): boolean;
  /** @param name as the server is configured to offer it, without the server's name; of a resource its own URI or template */
  allows(kind: ViewKind, server: string, name: string): boolean;
  /** What becomes of definitions that are not as they were approved; absent: they are let through. */
  readonly drift?: DriftPolicy;
}

/**
 * Patterns are `tool:`, `prompt:` or `resource:`, a server, `/` and a name, or the last three for every kind. `*` stands for
 * anything but `/` and `__`, `**` for anything, `?` for one character. `deny` wins.
 */
export interface ViewSpec {
  /** Absent: every server; empty: none. */
  readonly servers?: readonly string[];
  /** Absent: everything of those servers; empty: nothing. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** How a definition differs from what was approved; `server`: what the server is, such as its command or URL. */
export type DriftGrade = 'wording' | 'hints' | 'schema' | 'new' | 'removed' | 'server';
/** `hide`: what differs is not there; `quarantine`: the whole server is not. */
export type DriftAction = 'warn' | 'hide' | 'quarantine';
export type DriftPolicy = Readonly<Record<DriftGrade, DriftAction>>;
