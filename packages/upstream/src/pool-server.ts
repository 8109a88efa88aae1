import type { Consumer, HostlerError, Notification, UpstreamSpec } from '@hostler/kernel';
import type { ConnectionUser, UpstreamState } from './pool.ts';
import type { Subscribable } from './subscriptions/subscribable.ts';

/** One server as the pool keeps it: with connections for all, or with others for each set of credentials. */
export interface PoolServer {
  readonly spec: UpstreamSpec;
  /** With the references of those who use it at the moment, where each caller has its own. */
  readonly runningSpecs: readonly UpstreamSpec[];
  readonly isUp: boolean;
  /** Why it is not up; undefined while it is, or has not failed yet. */
  readonly failure: HostlerError | undefined;
  state(): UpstreamState;
  /** Resolves when the first attempt has come to an end, good or bad. */
  start(): Promise<void>;
  /** @throws UPSTREAM_UNAVAILABLE, UPSTREAM_OVERLOADED, SECRET_*, OAUTH_* */
  connection(user: ConnectionUser): Subscribable | Promise<Subscribable>;
  /** Over which connection this client is served at the moment. Opens nothing. */
  source(user: ConnectionUser): string;
  /** Those of this consumer, as a name that tells them from others; empty where all have the same. */
  credentialsOf(consumer: Consumer): string;
  /** @returns false when it has to be started anew */
  changeRoots(next: UpstreamSpec): boolean;
  notify(sessionId: string, notification: Notification): void;
  /** Undefined when it has nothing of this session: then nothing is made, for there may be 1,000 servers to ask. */
  endSession(sessionId: string): Promise<void> | undefined;
  /** @returns false when it has to be started anew. @throws SECRET_*, UPSTREAM_UNAVAILABLE, or the signal's reason */
  renewSecrets(signal: AbortSignal): Promise<boolean>;
  /** Calls back after the delay unless the server is closed before. */
  later(delay: number, callback: () => void): void;
  /** Lets the calls under way end, at most for `grace` milliseconds, and closes it. */
  drain(grace: number, problem: string): Promise<void>;
  /** Resolves when nothing of the server is left. */
  close(problem?: string): Promise<void>;
}
