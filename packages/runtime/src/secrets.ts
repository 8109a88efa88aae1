import type { LeakCount } from '@hostler/secrets';

/** A secret reference of the running host, without its value. */
export interface SecretRow {
  readonly reference: string;
  readonly scheme: string;
  /** The provider's name for the version that is in use. */
  readonly version?: string;
  /** Milliseconds since the provider confirmed the value; absent while there is none. */
  readonly age?: number;
  /** It names one version, which cannot change and is not polled. */
  readonly pinned: boolean;
  /** The value is an old one: the provider is unavailable. */
  readonly stale: boolean;
  /** Shorter than 8 characters: too short to be masked. */
  readonly weak: boolean;
  /** Places in the configuration, such as `servers.github.env.TOKEN`. */
  readonly usedBy: readonly string[];
  /** Code of the error behind `problem`, such as `SECRET_ACCESS_DENIED`. */
  readonly code?: string;
  /** Why it could not be read when that was last tried: a safe sentence with the mend. */
  readonly problem?: string;
}

/** A reference that could not be read. */
export interface SecretProblem {
  readonly reference: string;
  readonly code: string;
  readonly problem: string;
}

/** What became of a server that uses a changed secret. */
export interface RenewedServer {
  readonly name: string;
  /**
   * `renewed`: it is sent the new values; `restarted`: a fresh one with the new values has taken over; `kept`: that
   * failed, and it runs on with the values it has.
   */
  readonly outcome: 'renewed' | 'restarted' | 'kept';
  readonly code?: string;
  readonly problem?: string;
}

export interface RotationReport {
  /** References that have another value than before. */
  readonly changed: readonly string[];
  readonly failed: readonly SecretProblem[];
  readonly servers: readonly RenewedServer[];
}

/** A server that could not be given its new secrets yet, and runs with those it has. */
export interface FailingRotation {
  readonly server: string;
  readonly problem: string;
  readonly code: string;
  readonly since: Date;
}

/** What is not right with secrets at the moment. It holds back no readiness: the servers run. */
export interface SecretsReadiness {
  /** References whose old value is served because their provider is unavailable. */
  readonly stale: readonly string[];
  /** References that could not be read when that was last tried. */
  readonly failing: readonly string[];
  readonly rotations: readonly FailingRotation[];
}

/** How often secrets were given to servers anew since the start. */
export interface RotationCounts {
  readonly renewed: number;
  readonly restarted: number;
  readonly kept: number;
}

export interface RotateOptions {
  /** Only these, pinned ones too; absent: all that are not pinned. */
  readonly references?: readonly string[];
}

/** The secrets of a running host. No value ever leaves here. */
export interface Secrets {
  /** Every reference of the running host, where it is used and how it is. Reads nothing. */
  list(): readonly SecretRow[];
  /** Reads every reference, then as `list`. Rejects only with the reason of the signal. */
  check(signal: AbortSignal): Promise<readonly SecretRow[]>;
  /**
   * Reads secrets again and gives changed values to the servers that use them. Resolves when these run with them or have
   * failed to.
   * @throws ROTATION_NOT_USED for a reference that the running host does not have; or the reason of the signal
   */
  rotate(options: RotateOptions, signal: AbortSignal): Promise<RotationReport>;
  /** What the leak guard has masked and refused since the start. */
  leaks(): readonly LeakCount[];
  rotations(): RotationCounts;
}
