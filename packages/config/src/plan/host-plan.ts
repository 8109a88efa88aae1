import type { GroupSpec, JsonObject, UpstreamSpec } from '@hostler/kernel';
import type { LOG_LEVELS, LOG_MODULES } from '../schema/log.ts';
import type { AuditSpec } from './audit-spec.ts';
import type { LockSpec } from './lock-spec.ts';
import type { LimitsSpec } from './limits-spec.ts';
import type { SecretsSpec } from './secrets-spec.ts';
import type { BundleSpec, ConsumerSpec } from './consumer-spec.ts';
import type { IssuerSpec } from './issuer-spec.ts';

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
  /** Absent: plain HTTP. */
  readonly tls?: ListenTlsSpec;
  /** Addresses, ranges of them and `unix`; absent: nobody. */
  readonly trustedProxies?: readonly string[];
  /** Absent: what follows from `host`. */
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  /** Processes that answer clients; `auto`: as many as there are cores. Absent: one. */
  readonly workers?: number | 'auto';
}

/** Paths are absolute, and of PEM files. */
export interface ListenTlsSpec {
  readonly certificate: string;
  /** Or the reference of a secret. */
  readonly key: string | { readonly secret: string };
  readonly clientAuthorities?: string;
  readonly clientCertificates: 'none' | 'optional' | 'required';
}

/** Where a trusted proxy says which certificate its client has. */
export interface CertificateHeaderSpec {
  /** In lower case. */
  readonly name: string;
  readonly format: 'rfc9440' | 'envoy';
}

/** Where the host sends requests of its own. */
export interface OutboundSpec {
  /** Hosts and prefixes of addresses that are reached although they are not public. */
  readonly allow: readonly string[];
}

export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogModule = (typeof LOG_MODULES)[number];

/** The least severe records that are written. */
export interface LogSpec {
  readonly level: LogLevel;
  /** Of single parts of the host, instead. */
  readonly modules: Readonly<Partial<Record<LogModule, LogLevel>>>;
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

/** How calls to servers are made. */
export interface CallsSpec {
  /** Whether the process may stay awake for a moment while a single call waits for a fast server. */
  readonly busyPoll: boolean;
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
  /** Absent: only what a client itself shows counts. */
  readonly certificateHeader?: CertificateHeaderSpec;
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
  readonly bundles: readonly BundleSpec[];
  readonly auth: AuthSpec;
  readonly lock: LockSpec;
  /** Absent: nothing is recorded. */
  readonly audit?: AuditSpec;
  readonly limits: LimitsSpec;
  readonly listen: ListenSpec;
  readonly calls: CallsSpec;
  readonly outbound: OutboundSpec;
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
