import type { ConsumerSpec, GroupSpec, IssuerSpec, JsonObject, UpstreamSpec } from '@hostler/kernel';
import type { LOG_LEVELS } from '../schema/config-file.ts';
import type { SecretsSpec } from './secrets-spec.ts';

/** A secret provider to load: a package name, or the absolute path of a module, and its options as they were written. */
export interface ProviderSpec {
  readonly use: string;
  readonly with: JsonObject;
}

export interface ListenSpec {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Absolute path of a unix socket to listen on instead. */
  readonly socket?: string;
  /** Absent: what follows from `host`. */
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
}

export interface LogSpec {
  readonly level: (typeof LOG_LEVELS)[number];
}

/** What may be changed over the network while the host runs. */
export interface ApiSpec {
  readonly servers: ServerChangesSpec;
  /** Whether secrets may be read again, and changed ones be given to the servers that use them. */
  readonly secrets: { readonly enabled: boolean };
}

/** Whether servers may be added and changed over REST, and what such a server may use. Empty lists allow nothing. */
export interface ServerChangesSpec {
  readonly enabled: boolean;
  /** Names of programs as they are looked up in PATH, and absolute paths. */
  readonly commands: readonly string[];
  /** Host names, `*.example.com` for every name below one, with `:port` for that port alone. */
  readonly hosts: readonly string[];
  /** Secret references; `*` at the end stands for any rest. */
  readonly secrets: readonly string[];
  /** Names of environment variables; `*` at the end stands for any rest. */
  readonly env: readonly string[];
}

export interface ReloadSpec {
  /** Whether the file is looked at all the time, and read again when it changed. */
  readonly watch: boolean;
}

/** How clients that have no key prove who they are. */
export interface AuthSpec {
  readonly issuers: readonly IssuerSpec[];
  /** The URL under which clients know this host, as they write it in the requests for their tokens. */
  readonly resource?: string;
}

/** Complete, checked and frozen; secrets are still references. */
export interface HostPlan {
  /** In the order of the file, without the disabled ones. */
  readonly servers: readonly UpstreamSpec[];
  readonly groups: readonly GroupSpec[];
  readonly providers: readonly ProviderSpec[];
  readonly secrets: SecretsSpec;
  /** Absent: nobody has to prove anything, on loopback alone. Empty: nobody gets in. */
  readonly consumers?: readonly ConsumerSpec[];
  readonly auth: AuthSpec;
  readonly listen: ListenSpec;
  readonly log: LogSpec;
  /** Milliseconds that running calls have at shutdown. */
  readonly shutdownGrace: number;
  readonly api: ApiSpec;
  readonly reload: ReloadSpec;
  /** Absolute; absent: the default of whoever runs the plan. */
  readonly stateDirectory?: string;
  /** Every server as it was written, the disabled ones too: to be shown and saved, never to be run. */
  readonly written: Readonly<Record<string, JsonObject>>;
  /** Absolute path of the file it came from. */
  readonly source: string;
  /** Where its relative paths start. */
  readonly folder: string;
}
