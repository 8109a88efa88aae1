import type { JsonObject, UpstreamSpec } from '@hostler/kernel';
import type { LOG_LEVELS } from '../schema/config-file.ts';

/** A secret provider to load: a package name, or the absolute path of a module, and its options as they were written. */
export interface ProviderSpec {
  readonly use: string;
  readonly with: JsonObject;
}

export interface ListenSpec {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Absent: what follows from `host`. */
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
}

export interface LogSpec {
  readonly level: (typeof LOG_LEVELS)[number];
}

/** Complete, checked and frozen; secrets are still references. */
export interface HostPlan {
  /** In the order of the file, without the disabled ones. */
  readonly servers: readonly UpstreamSpec[];
  readonly providers: readonly ProviderSpec[];
  readonly listen: ListenSpec;
  readonly log: LogSpec;
  /** Milliseconds that running calls have at shutdown. */
  readonly shutdownGrace: number;
  /** Absolute path of the file it came from. */
  readonly source: string;
}
