import type { RateSpec } from './rates.ts';
import type { Era } from './era.ts';
import type { Json, JsonObject } from './json.ts';

/** A secret in the place of a value. It becomes text only where a child's environment or an outbound header is built. */
export interface SecretUse {
  /** A reference such as `env://TOKEN` or `gcp://project/name#key`. */
  readonly secret: string;
  /** Text with one `{}` where the secret goes; default `{}`. */
  readonly format?: string;
  /** A secret that cannot be had leaves the value out instead of blocking the server. */
  readonly optional?: boolean;
  /**
   * How a child process gets it: as the value of the variable (the default), or as a file or descriptor of which the
   * variable holds the path. Without meaning outside a child's environment.
   */
  readonly as?: 'env' | 'file' | 'fd';
}

export type Setting = string | SecretUse;

export interface StdioSpec {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, Setting>>;
  /** Absolute; the directory of the configuration file by default. */
  readonly cwd: string;
  /** What the child may use at most; nothing is limited by default. Ignored where the platform has no such limits. */
  readonly resources?: ChildResources;
}

export interface ChildResources {
  /** Bytes that each process may hold in memory it can write to. */
  readonly memory?: number;
  /** Seconds of CPU time that each process may take. */
  readonly cpu?: number;
  /** Files that each process may have open. */
  readonly openFiles?: number;
}

export interface HttpSpec {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, Setting>>;
  /** `sse` is the transport of revision 2024-11-05; absent: found out, streamable HTTP first. */
  readonly protocol?: 'streamable-http' | 'sse';
  readonly network?: NetworkSpec;
  /** Absent: the host asks nobody for tokens. */
  readonly oauth?: OAuthSpec;
}

/** How the host gets the tokens that it shows to a server. */
export interface OAuthSpec {
  /** Whose the tokens are: the host's own, those that the caller's token is exchanged for (RFC 8693), or each user's. */
  readonly grant: 'client-credentials' | 'token-exchange' | 'authorization-code';
  /** Absent: the host introduces itself, by a metadata document or by registration. */
  readonly clientId?: string;
  readonly clientSecret?: SecretUse;
  /** A PEM private key, with which the host signs for itself (RFC 7523). */
  readonly clientKey?: SecretUse;
  /** JWS algorithm of `clientKey`; default ES256. */
  readonly clientKeyAlgorithm?: string;
  /** The authorization server; absent: the one that the server names. */
  readonly issuer?: string;
  readonly scopes?: readonly string[];
  /** `audience` of a token exchange. */
  readonly audience?: string;
}

/** MCP messages as WebSocket text frames (subprotocol `mcp`): an extension, no part of the specification. */
export interface WebSocketSpec {
  readonly kind: 'websocket';
  readonly url: string;
  readonly headers: Readonly<Record<string, Setting>>;
  readonly network?: NetworkSpec;
}

/** How the other end is reached. */
export interface NetworkSpec {
  /** URL of an HTTP proxy, or `none`; absent: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say. */
  readonly proxy?: string;
  /** Absolute path of a unix socket to connect to instead of the URL's host. */
  readonly socket?: string;
  readonly tls?: TlsSpec;
}

/** PEM texts; `ca` replaces the system's authorities. */
export interface TlsSpec {
  readonly ca?: Setting;
  readonly certificate?: Setting;
  readonly key?: Setting;
  readonly serverName?: string;
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
  readonly transport: StdioSpec | HttpSpec | WebSocketSpec | InProcessSpec;
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
  /** Calls that run and that wait at the same time; absent: the defaults of the host. */
  readonly concurrency?: ConcurrencySpec;
  /** Over all consumers. */
  readonly rates?: RateSpec;
  readonly recycle?: RecycleSpec;
  /** Which calls that may have run are sent again: `never`, read-only or idempotent ones (`safe`, the default), `always`. */
  readonly replay?: 'never' | 'safe' | 'always';
  /** Folders that the server is told it may use; resource reads and path arguments outside of them are refused. */
  readonly roots?: readonly RootSpec[];
  /** Names of the arguments that are paths, by tool; `*` stands for every tool. */
  readonly pathArguments?: Readonly<Record<string, readonly string[]>>;
  /** What of the server is offered, and under which names. */
  readonly offer?: OfferSpec;
}

export interface ConcurrencySpec {
  readonly running?: number;
  readonly waiting?: number;
}

/** When a running server is ended although nothing is wrong with it. Milliseconds. */
export interface RecycleSpec {
  /** Without a call for this long: it is started again by the next one. */
  readonly idle?: number;
  /** After this long it is replaced by a fresh one, without a failed call. */
  readonly lifetime?: number;
}

export interface RootSpec {
  /** A normalised `file://` URI of an absolute path. */
  readonly uri: string;
  readonly name?: string;
}

/** Patterns are `tool:`, `prompt:` or `resource:` and a glob, or a glob for every kind; `exclude` wins over `include`. */
export interface OfferSpec {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly tools?: Readonly<Record<string, ToolOverride>>;
  readonly prompts?: Readonly<Record<string, DefinitionOverride>>;
}

export interface DefinitionOverride {
  /** Replaces the server's own name, before the host puts the server's name in front of it. */
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments?: Readonly<Record<string, ArgumentOverride>>;
}

export interface ToolOverride extends DefinitionOverride {
  /** Merged over the server's own annotations. */
  readonly annotations?: JsonObject;
}

/** At most one of the three. */
export interface ArgumentOverride {
  /** Always this value: the argument is taken out of the schema, and one that a client sends is refused. */
  readonly pin?: Json;
  /** This value when the client sends none: the argument is no longer required. */
  readonly default?: Json;
  /** Taken out of the schema and never sent. */
  readonly hide?: boolean;
}

/** Servers that stand in for each other under the group's name: each call goes to one member that offers the tool. */
export interface GroupSpec {
  /** Follows the rules of server names, and is not the name of a server. */
  readonly name: string;
  /** In order of preference. */
  readonly members: readonly GroupMember[];
  /**
   * `priority`: the first that is well. `weighted`: by chance, in proportion to weight. `round-robin`: in turn. `sticky`:
   * the same session, or consumer, meets the same member as long as that is well.
   */
  readonly strategy: 'priority' | 'weighted' | 'round-robin' | 'sticky';
}

export interface GroupMember {
  readonly server: string;
  /** Above 0. */
  readonly weight: number;
}
