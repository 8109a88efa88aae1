import type { Client, HostlerError, Logger, Notification, UpstreamSpec } from '@hostler/kernel';
import type { Connect, ConnectContext, Connection } from './connection.ts';
import { upstreamErrors } from './errors.ts';

/** What all connections to one server have in common. */
export interface ServerContext extends Pick<ConnectContext, 'log' | 'clock' | 'limits' | 'secrets'> {
  readonly spec: UpstreamSpec;
  readonly connect: Connect;
  /** For jitter: from 0 to 1. */
  readonly random: () => number;
}

export interface OpenConnectionOptions {
  readonly client?: Client;
  /** Ends the attempt early. */
  readonly signal: AbortSignal;
  readonly onNotification: (notification: Notification) => void;
  /** May come before the promise resolves. */
  readonly onClose: (reason: HostlerError) => void;
}

/**
 * Connects within the time that the server has for its start. Settles only when nothing of a failed attempt is left.
 * @throws UPSTREAM_*, SECRET_*, or the signal's reason
 */
export async function openConnection(context: ServerContext, options: OpenConnectionOptions): Promise<Connection> {
  const { spec, connect, log, clock, limits, secrets } = context;
  const { signal: outer, client, onNotification, onClose } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const cancelTimer = clock.after(spec.startTimeout, () => controller.abort(tooSlow(spec)));
  const forward = (): void => controller.abort(outer.reason);
  outer.addEventListener('abort', forward, { once: true });
  try {
    outer.throwIfAborted();
    const connection = await connect({
      spec,
      ...(client && { client }),
      log,
      clock,
      limits,
      secrets,
      signal,
      onNotification,
      onClose,
    });
    if (!signal.aborted) return connection;
    await closeQuietly(connection, log);
    throw signal.reason;
  } finally {
    cancelTimer();
    outer.removeEventListener('abort', forward);
  }
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
