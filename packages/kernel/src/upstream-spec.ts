import type { Era } from './era.ts';

/** A secret in the place of a value. It becomes text only where a child's environment or an outbound header is built. */
export interface SecretUse {
  /** A reference such as `env://TOKEN` or `gcp://project/name#key`. */
  readonly secret: string;
  /** Text with one `{}` where the secret goes; default `{}`. */
  readonly format?: string;
  /** A missing secret leaves the value out instead of blocking the server. */
  readonly optional?: boolean;
}

export type Setting = string | SecretUse;

export interface StdioSpec {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, Setting>>;
  /** Absolute; the directory of the configuration file by default. */
  readonly cwd: string;
}

export interface HttpSpec {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, Setting>>;
}

/** A server object of either official SDK line, mounted in this process; only reachable from code. */
export interface InProcessSpec {
  readonly kind: 'in-process';
  /** Called for each connection; returns an object whose `connect(transport)` starts the server. */
  readonly create: () => InProcessServer;
}

/** The part of an `McpServer` or `Server` object of `@modelcontextprotocol/sdk` or `/server` that the host needs. */
export interface InProcessServer {
  connect(transport: never): Promise<void>;
  close(): Promise<void>;
}

/** One MCP server that the host runs or connects to, complete and checked; secrets still references. */
export interface UpstreamSpec {
  /** Letters, digits, `-` and single `_`; at most 32; starts and ends with a letter or digit. */
  readonly name: string;
  readonly transport: StdioSpec | HttpSpec | InProcessSpec;
  /** `auto` probes; the others skip the probe. */
  readonly era: Era | 'auto';
  /** Whether a client that can be asked questions gets a connection of its own (legacy upstreams only). */
  readonly interactive: boolean;
  /** Readiness waits for this server. */
  readonly required: boolean;
  /** Milliseconds from start to a negotiated connection. */
  readonly startTimeout: number;
  /** Milliseconds for one call. */
  readonly callTimeout: number;
}
