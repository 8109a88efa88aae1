import type { Client, HostlerError, Logger, Notification, UpstreamSpec } from '@hostler/kernel';
import { tellsOfChange } from '@hostler/protocol';
import type { BusyPoll } from './busy-poll.ts';
import type { CallGate } from './call-gate.ts';
import type { Connect, ConnectContext, Connection, StartPhase } from './connection.ts';
import { upstreamErrors } from './errors.ts';
import { GuardedConnection } from './guarded-connection.ts';
import type { MissingSecret } from './pool.ts';
import { rooted } from './roots/rooted-connection.ts';
import { StartTime } from './start-time.ts';
import { ConnectionSubscriptions } from './subscriptions/connection-subscriptions.ts';

/** What all connections to one server have in common. */
export interface ServerContext extends Pick<
  ConnectContext,
  'log' | 'clock' | 'limits' | 'secrets' | 'roots' | 'screen' | 'consumer'
> {
  readonly spec: UpstreamSpec;
  readonly connect: Connect;
  /** Shared by all connections to the server. */
  readonly gate: CallGate;
  /** Shared by all servers. Absent: the process sleeps while it waits for one of them. */
  readonly busyPoll?: BusyPoll;
  /** For jitter: from 0 to 1. */
  readonly random: () => number;
}

export interface OpenConnectionOptions {
  readonly client?: Client;
  /** Ends the attempt early. */
  readonly signal: AbortSignal;
  readonly onPhase?: (phase: StartPhase) => void;
  readonly onMissing?: (missing: readonly MissingSecret[]) => void;
  readonly onNotification: (notification: Notification) => void;
  /** May come before the promise resolves. */
  readonly onClose: (reason: HostlerError) => void;
}

/**
 * Connects within the time that the server has for its start, once its secrets are read. Settles only when nothing of a failed attempt is left.
 * @throws UPSTREAM_*, SECRET_*, or the signal's reason
 */
export async function openConnection(
  context: ServerContext,
  options: OpenConnectionOptions,
): Promise<GuardedConnection> {
  const { spec, connect, log, clock, limits, roots, screen, consumer } = context;
  const { signal: outer, client, onPhase, onMissing, onNotification, onClose } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const onTimeUp = (): void => controller.abort(tooSlow(spec));
  const time = new StartTime({ clock, limit: spec.startTimeout, secrets: context.secrets, onTimeUp });
  const forward = (): void => controller.abort(outer.reason);
  outer.addEventListener('abort', forward, { once: true });
  let connection: Connection | undefined;
  try {
    outer.throwIfAborted();
    connection = await connect({
      spec,
      ...(client && { client }),
      ...(consumer && { consumer }),
      ...(roots && { roots }),
      log,
      clock,
      limits,
      secrets: time.secrets,
      ...(screen && { screen }),
      signal,
      ...(onMissing && { onMissing }),
      ...(onPhase && { onPhase }),
      onNotification(notification) {
        // A server that speaks both eras on one pipe tells of changes twice: those of the modern one listen.
        if (connection?.era !== 'modern' || !tellsOfChange(notification.method)) onNotification(notification);
      },
      onClose,
    });
    if (!signal.aborted) return guard(roots ? rooted(connection, roots, clock) : connection, context, options);
    await closeQuietly(connection, log);
    throw signal.reason;
  } finally {
    time.end();
    outer.removeEventListener('abort', forward);
  }
}

function guard(
  inner: Connection,
  context: ServerContext,
  { onNotification, onClose: onWedged }: OpenConnectionOptions,
): GuardedConnection {
  const { spec, gate, busyPoll, clock, log, limits, random, screen } = context;
  const common = { server: spec.name, clock, log, random, ...(screen && { screen }) };
  const subscriptions = new ConnectionSubscriptions({
    ...common,
    connection: inner,
    timeout: spec.callTimeout,
    onNotification,
  });
  return new GuardedConnection({
    ...common,
    inner,
    subscriptions,
    gate,
    ...(busyPoll && { busyPoll }),
    limits,
    onWedged,
  });
}

/** Never rejects: nobody could do anything about it. */
export async function closeQuietly(connection: Connection, log: Logger): Promise<void> {
  try {
    await connection.close();
  } catch (error) {
    log.error({ server: connection.server.info, error }, 'a connection could not be closed');
  }
}

function tooSlow({ name, startTimeout }: UpstreamSpec): HostlerError {
  const problem = `It was not ready within ${startTimeout / 1_000} s: look at its log, or raise startTimeout.`;
  return upstreamErrors.UNAVAILABLE({ details: { server: name, problem, mayHaveRun: false } });
}
