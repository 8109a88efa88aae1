import type { Audit, RecorderState } from '@hostler/audit';
import type { HostPlan } from '@hostler/config';
import type { CounterState, Host } from '@hostler/host';
import type { CallLimitSpec, Clock, Consumer, Logger, UpstreamSpec } from '@hostler/kernel';
import type { SecretProvider } from '@hostler/secrets';
import type { PoolEvent, UpstreamState } from '@hostler/upstream';
import type { ApplyReport, ConfigurationState } from './configuration.ts';
import type { Consumers } from './consumers.ts';
import type { ListenTls } from './listen-tls.ts';
import type { Lock } from './lock.ts';
import type { Logs } from './logger.ts';
import type { Secrets, SecretsReadiness } from './secrets.ts';
import type { Servers } from './servers.ts';
import type { RunningListener } from './running-servers.ts';
import type { Link } from '@hostler/upstream/relay';
import type { Tokens } from './create-tokens.ts';
import type { WorkerParts } from './workers/worker-parts.ts';

export interface RuntimeOptions {
  readonly plan: HostPlan;
  /** The environment that `env://` secrets and the children's PATH, HOME, LANG, TZ and TMPDIR come from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where log lines (JSON) go; standard error by default. Every line is redacted. */
  readonly logDestination?: NodeJS.WritableStream;
  /** Servers mounted from code, beside those of the plan. */
  readonly servers?: readonly UpstreamSpec[];
  /** Providers of secrets, beside those of the plan. The host closes them. */
  readonly providers?: readonly SecretProvider[];
  /** Reads the configuration again; by default the file of the plan, with the same environment. */
  readonly load?: () => Promise<HostPlan>;
  /** Where the sink `stdout` of the audit record writes; standard output by default. */
  readonly auditOutput?: NodeJS.WritableStream;
  /** What time it is; the clock of this process by default. */
  readonly clock?: Clock;
  /** How many processes answer the clients; 1 by default: this one. With more, it has what they share: `serveWorker`. */
  readonly workers?: number;
  /** Present in such a process: what another one has for it. */
  readonly worker?: WorkerParts;
}

export interface Readiness {
  /** False before start-up has settled, while a required server is not up, and from shutdown on. */
  readonly ready: boolean;
  readonly phase: 'starting' | 'running' | 'stopping';
  readonly servers: readonly UpstreamState[];
  readonly configuration: ConfigurationState;
  readonly secrets: SecretsReadiness;
  /** Absent where nothing is recorded. */
  readonly audit?: RecorderState;
}

export interface RuntimeLimits {
  /** What the configuration says of this consumer; undefined where that is nothing. */
  specOf(consumer: Consumer): CallLimitSpec | undefined;
  /** How counting together with other hosts goes; undefined where this one counts for itself. */
  store(): CounterState | undefined;
}

/** A host with everything it needs, built from a plan. */
export interface Runtime {
  /** The one in force. */
  readonly plan: HostPlan;
  readonly host: Host;
  /** That of whoever serves the host. */
  readonly log: Logger;
  /** What is logged of each part, and how to change it. */
  readonly logs: Logs;
  readonly clock: Clock;
  /** Who every caller is while no consumer is configured. */
  readonly anonymous: Consumer;
  /** Who may call, and who has sent a request. */
  readonly consumers: Consumers;
  /** What it shows to its clients. */
  readonly tls: ListenTls;
  /** The servers as they are now, and how to change them. */
  readonly servers: Servers;
  /** How much consumers may ask for. */
  readonly limits: RuntimeLimits;
  /** The secrets that the servers use, without their values. */
  readonly secrets: Secrets;
  /** What people have let the host do for them at servers, and where they are asked. */
  readonly tokens: Tokens;
  /** What was approved of the servers, and in what they differ. */
  readonly lock: Lock;
  /** What was done, and who did it; undefined where nothing is recorded. */
  readonly audit: Audit | undefined;
  /**
   * Makes the host one of another plan: only servers that differ are touched, and no call fails. Two plans at once are
   * applied one after the other; the last one wins as a whole. Resolves when the changed servers are up, or are not.
   */
  apply(plan: HostPlan): Promise<ApplyReport>;
  /** Reads the configuration again and applies it. @throws CONFIG_*: then nothing has changed */
  reload(): Promise<ApplyReport>;
  /** Starts the servers; resolves when each is up, down or blocked. */
  start(): Promise<void>;
  readiness(): Readiness;
  /** Every change of a server's state, for progress. Returns the function that ends the subscription. */
  onEvent(listener: (event: PoolEvent) => void): () => void;
  /** Calls back with the plan whenever another one is in force, and with a server that was started again by request. */
  onChange(listener: RunningListener): () => void;
  /** Starts a server again, as `servers.restart`, but without a record and whoever it was mounted by. */
  renewServer(name: string): Promise<void>;
  /** Gives a worker what exists once. @returns what ends that */
  serveWorker(link: Link, name: string): Promise<() => void>;
  /** Replaces secrets in text that goes to a person. */
  redact(text: string): string;
  /** The same for what goes out as bytes; the same bytes when there is nothing to replace. */
  redactBytes(bytes: Uint8Array): Uint8Array;
  /** Stops everything in reverse order. May be called more than once. */
  close(): Promise<void>;
}
