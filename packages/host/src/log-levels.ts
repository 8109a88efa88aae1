import { Payload } from '@hostler/kernel';
import type { Exchange, Outcome } from '@hostler/kernel';
import { isLogLevel, passesLevel, protocolErrors } from '@hostler/protocol';
import type { Connection } from '@hostler/upstream';
import { createExchange } from './exchange.ts';

/**
 * A legacy server has one log level per connection, and several clients may share that connection. The server is set to
 * the lowest level that anyone asked for; what is above a client's own wish is dropped on the way to it.
 */
export interface LogLevels {
  /** Resolves when the server sends at least this level; does nothing for a server without logging. */
  ensure(connection: Connection, server: string, level: string, signal: AbortSignal): Promise<void>;
}

export function createLogLevels(): LogLevels {
  const levels = new WeakMap<Connection, string>();
  return {
    async ensure(connection, server, level, signal) {
      if (connection.era !== 'legacy' || connection.server.capabilities['logging'] === undefined) return;
      const present = levels.get(connection);
      if (present !== undefined && passesLevel(level, present)) return;
      levels.set(connection, level);
      await connection.request(
        createExchange({
          method: 'logging/setLevel',
          params: { level },
          scope: { kind: 'server', name: server },
          consumer: { name: 'hostler' },
          signal,
        }),
      );
    },
  };
}

/** The level that a `logging/setLevel` request names. @throws PROTOCOL_INVALID_PARAMS */
export function requestedLevel({ request }: Exchange): string {
  const { level } = request.params;
  if (!isLogLevel(level)) throw protocolErrors.INVALID_PARAMS({ details: { problem: '"level" must be a log level' } });
  return level;
}

/** The empty result of requests that only set something. */
export const emptyOutcome: Outcome = { kind: 'result', era: 'legacy', payload: Payload.of({}) };
