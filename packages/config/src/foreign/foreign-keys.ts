/** Other names for keys of ours, and who uses them. */
export const RENAMED: ReadonlyMap<string, string> = new Map([
  ['serverUrl', 'url'], // Windsurf
  ['httpUrl', 'url'], // Gemini CLI
  ['protocolEra', 'era'], // Inspector, with the same three values
  ['connectionTimeout', 'startTimeout'], // Inspector, milliseconds
  ['requestTimeout', 'timeout'], // Inspector, milliseconds
]);

/** Keys with the same meaning here. `timeout` is not one of them: see NOT_USED. */
export const SHARED: ReadonlySet<string> = new Set(['type', 'command', 'args', 'cwd', 'url', 'headers', 'disabled']);

/** Keys that are read in a way of their own. */
export const SPECIAL: ReadonlySet<string> = new Set(['env', 'envFile', 'enabled']);

/** What a note says about keys whose meaning is known and has no counterpart. */
export const NOT_USED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    oauth: 'is not supported yet',
    auth: 'is not supported yet',
    headersHelper: 'is not supported yet: it would run a program to get headers',
    sandbox: 'is not supported yet: this server runs without a sandbox',
    sandboxEnabled: 'is not supported yet: this server runs without a sandbox',
    autoApprove: 'is not used: approving calls is the client’s decision',
    alwaysAllow: 'is not used: approving calls is the client’s decision',
    timeout: 'is not used: some programs mean seconds, others milliseconds',
    roots: 'is not used: roots come from the client',
    dev: 'is not used: it is for developing the server',
  }),
);

/** The keys of a server that belong to one kind of transport only. */
export const STDIO_ONLY = ['args', 'env', 'envFile', 'cwd'] as const;
export const HTTP_ONLY = ['headers'] as const;
